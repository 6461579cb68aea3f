"""Proof 2: reading everything again changes nothing and sends nothing; an older copy of a database catches up.

What was done and seen is in tests/support/trials.py. How a consumer meets a swap in the middle of its load is proven in
tests/integration/shared/test_restore.py.
"""

from typing import Final

from deploy.local.paths import SERVICES
from tests.support.played import Played
from tests.support.trials import RESTORED, Held

WORDS: Final = {("blacklist", "decision")}  # what those who decide wrote is in no event


def different(one: Held, other: Held) -> set[tuple[str, str]]:
    """The tables that differ."""
    return {(s, t) for s, tables in one.tables.items() for t, held in tables.items() if other.tables[s][t] != held}


def test_an_older_copy_catches_up_while_its_service_runs(played: Played) -> None:
    seen = played.trials.held
    before, restored = seen["before the restore"], seen["restored"]
    assert {s for s in SERVICES if restored.tables[s] != before.tables[s]} == set(RESTORED)
    assert different(seen["caught up"], before) == WORDS
    assert seen["caught up"].messages == before.messages
    processes = played.trials.processes
    assert processes["caught up"] == processes["before the restore"]
    assert set(processes["caught up"]) == set(SERVICES)


def test_an_older_copy_learns_what_was_decided_since(played: Played) -> None:
    """It is from before the first entry; what was decided comes back from the service's own topic."""
    copied, caught_up = (played.trials.held[m].tables["blacklist"] for m in ("restored", "caught up"))
    assert copied["entry"].startswith("0 rows")
    assert caught_up["entry"].startswith("4 rows")
    assert copied["decision"] == caught_up["decision"]


def test_a_replay_changes_nothing_and_sends_nothing(played: Played) -> None:
    """The consumer's own counters tell that every record came once more."""
    again, records = played.trials.counted, played.trials.records
    assert min(records.values()) > 0
    assert {s for s in SERVICES if again[s]["duplicates"] < records[s]} == set(), (again, records)
    assert [again[s]["applied"] for s in SERVICES] == [0] * len(SERVICES)
    assert played.trials.held["read again"] == played.trials.held["told"]
    assert played.trials.held["told"].messages > 0
