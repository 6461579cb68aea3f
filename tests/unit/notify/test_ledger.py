"""What the ledger page counts, and whom it shows to a person: nobody twice, nobody left out."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.notify.ledger.domain import BEST, CALL, Line, best, reminders, step, totals, worries
from tests.unit.notify.given import START, at

states = st.sampled_from(BEST)
REMINDERS = [("class-opened", "before-7d", 1), ("class-opened", "before-7d", 2), ("class-moved", "moved", 2)]
SLOTS = [(p, r, c) for p in range(4) for r in REMINDERS for c in ("email", "sms", CALL)]


def line(slot: tuple[int, tuple[str, str, int], str], state: str) -> Line:
    person, (kind, occurrence, version), channel = slot
    return Line(
        f"{person}-{kind}-{version}-{channel}", "class", "c", "person", f"t{person}", kind, occurrence, version, channel,
        "henan-2021", START, None, at(8, 16) + timedelta(days=version), state, "a" if state == "failed" else None, None, None,
    )  # fmt: skip


@st.composite
def ledgers(draw: st.DrawFn) -> list[Line]:
    """Some persons, three reminders, up to three channels each; on the call list a row is planned or listed."""
    slots = draw(st.lists(st.sampled_from(SLOTS), unique=True))
    return [line(s, draw(st.sampled_from(["planned", "listed"]) if s[2] == CALL else states)) for s in slots]


def owed(lines: Sequence[Line]) -> set[tuple[str, str, int, str]]:
    return {(x.kind, x.occurrence, x.version, x.recipient_id) for x in lines if x.channel != CALL}


@given(ledgers(), st.randoms(use_true_random=False))
def test_every_recipient_of_every_reminder_is_counted_once_in_any_order(lines: list[Line], random: Random) -> None:
    found = reminders(lines)
    assert [r.total for r in found] == [sum(r.counts.values()) for r in found]
    counted = totals(found)
    assert counted["owed"] == len(owed(lines)) == sum(counted.values()) - counted["owed"]
    assert [r.old for r in found] == [r.version < max(x.version for x in found) for r in found]
    shuffled = list(lines)
    random.shuffle(shuffled)
    again = reminders(shuffled)
    assert {(r.kind, r.version, r.total, tuple(sorted(r.counts.items()))) for r in again} == {
        (r.kind, r.version, r.total, tuple(sorted(r.counts.items()))) for r in found
    }


@given(ledgers())
def test_whom_nothing_reached_is_shown_and_who_has_it_is_not(lines: list[Line]) -> None:
    shown = Counter((w.kind, w.occurrence, w.recipient_id) for w in worries(lines))
    parts = groupby(sorted(lines, key=_key), key=_key)
    for key, part in parts:
        rows = list(part)
        sent = [x for x in rows if x.channel != CALL]
        told = {x.state for x in sent}
        if "in_doubt" in told or (sent and told <= {"failed", "unreachable"}):
            assert shown[key[0], key[1], key[2]]
        if "delivered" in told and "in_doubt" not in told:
            assert not [w for w in worries(rows) if w.recipient_id == key[2]]
    assert max(shown.values(), default=0) <= len(REMINDERS)
    assert sum(shown.values()) >= sum(r.counts.get("failed", 0) for r in reminders(lines))


def _key(x: Line) -> tuple[str, str, str, int]:
    return x.kind, x.occurrence, x.recipient_id, x.version


@given(st.lists(states, min_size=1, max_size=3), st.integers(0, 2), states)
def test_a_better_outcome_never_makes_the_count_worse(now: list[str], which: int, later: str) -> None:
    """However receipts and look-ups come in, the page's outcome of a person moves with its best channel alone."""
    lines = [line((0, REMINDERS[0], f"channel-{i}"), s) for i, s in enumerate(now)]
    before, at_ = best(lines), which % len(lines)
    lines[at_] = replace(lines[at_], state=min(now[at_], later, key=BEST.index))
    assert BEST.index(best(lines).state) <= BEST.index(before.state)


@given(st.sampled_from(["before", "after"]), st.integers(0, 400), st.sampled_from("dhw"))
def test_an_occurrence_is_said_by_its_own_number(word: str, number: int, unit: str) -> None:
    assert step(f"{word}-{number}{unit}") == ((word, number) if number else ("today", 0))
