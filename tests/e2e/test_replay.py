"""Proof 2: reading everything again changes nothing and sends nothing; an older copy of a database catches up.

What was done and seen is in tests/support/trials.py. How a consumer meets a swap in the middle of its load is proven in
tests/integration/shared/test_restore.py.
"""

from deploy.local.paths import SERVICES
from tests.support.played import Played
from tests.support.trials import RESTORED


def test_an_older_copy_catches_up_while_its_service_runs(played: Played) -> None:
    seen = played.trials.held
    before, restored = seen["before the restore"], seen["restored"]
    assert {s for s in SERVICES if restored.tables[s] != before.tables[s]} == set(RESTORED)
    assert seen["caught up"] == before
    processes = played.trials.processes
    assert processes["caught up"] == processes["before the restore"]
    assert set(processes["caught up"]) == set(SERVICES)


def test_a_replay_changes_nothing_and_sends_nothing(played: Played) -> None:
    """The consumer's own counters tell that every record came once more."""
    again, records = played.trials.counted, played.trials.records
    assert min(records.values()) > 0
    assert {s for s in SERVICES if again[s]["duplicates"] < records[s]} == set(), (again, records)
    assert [again[s]["applied"] for s in SERVICES] == [0] * len(SERVICES)
    assert played.trials.held["read again"] == played.trials.held["told"]
    assert played.trials.held["told"].messages > 0
