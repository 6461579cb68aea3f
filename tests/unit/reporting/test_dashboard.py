"""How far a year is and what is late: every class once, every debt from its day on, every deadline on one day."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.dashboard.domain import STATES, Debt, Held, debts, ending, gaps, states
from services.reporting.league.domain.punctuality import Owed
from tests.support.year import CIVIL, at, policy

POLICY = policy()
moments = st.integers(0, 24 * 200).map(lambda h: at(7, 1) + timedelta(hours=h))
maybe = st.none() | moments


@st.composite
def classes(draw: st.DrawFn) -> list[Held]:
    return [
        Held(f"c{i}", "i", "rural", "班", "class", date(2021, 8, 26), date(2021, 9, 9), draw(maybe), draw(maybe), draw(maybe),
             draw(maybe), own=True)
        for i in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


@st.composite
def papers(draw: st.DrawFn) -> dict[str, list[Owed]]:
    """What a few institutions owe; some of it has come, some has no day yet."""
    kinds = st.sampled_from(["bulletin", "timetable", "checkin-notice"])
    rows = st.lists(st.tuples(kinds, maybe, st.integers(0, 2)), max_size=5)
    return {
        f"inst-{n}": [Owed(kind, "rural", f"c{i}", due, copies, []) for i, (kind, due, copies) in enumerate(draw(rows))]
        for n in range(draw(st.integers(0, 3)))
    }


@given(classes(), st.randoms(use_true_random=False))
def test_each_class_is_in_one_state_and_every_state_is_named(held: list[Held], random: Random) -> None:
    counted = states(held)
    assert tuple(counted) == STATES
    assert sum(counted.values()) == len(held)
    assert counted["cancelled"] == sum(c.cancelled_at is not None for c in held)
    random.shuffle(held)
    assert states(held) == counted
    assert all((c.course() is None) == (c.state == "cancelled") for c in held)


def known(found: list[Debt]) -> Counter[tuple[str, str, str | None]]:
    return Counter((d.institution_id, d.document, d.class_id) for d in found)


@given(papers(), moments, moments)
def test_a_debt_shows_on_its_day_and_stays_until_it_is_paid(
    owed: dict[str, list[Owed]], one: datetime, other: datetime
) -> None:
    """Nothing comes in between: what was late stays late, by as many days more as have passed."""
    earlier, later = sorted((one, other))
    before, after = debts(owed, POLICY, earlier), debts(owed, POLICY, later)
    assert known(before) <= known(after)
    passed = (later.astimezone(CIVIL).date() - earlier.astimezone(CIVIL).date()).days
    old = {(d.institution_id, d.document, d.class_id, d.days + passed) for d in before}
    assert old <= {(d.institution_id, d.document, d.class_id, d.days) for d in after}
    due = [(u, o) for u, many in owed.items() for o in many if o.missing and o.due_at and o.due_at <= later]
    assert known(after) >= Counter((u, o.document, o.class_id) for u, o in due)


@given(papers(), moments)
def test_the_oldest_debts_come_first_and_grouping_loses_none(owed: dict[str, list[Owed]], now: datetime) -> None:
    late = debts(owed, POLICY, now)
    assert [d.days for d in late] == sorted((d.days for d in late), reverse=True)
    grouped = gaps(late)
    assert known([d for _, group in grouped for d in group]) == known(late)
    assert [d for d, _ in grouped] == list(dict.fromkeys(d.document for d in late))
    assert [g[0].due_at for _, g in grouped] == sorted(g[0].due_at for _, g in grouped)


@given(st.integers(0, 23), st.integers(0, 59))
def test_each_dated_deadline_ends_on_one_day_whatever_the_hour(hour: int, minute: int) -> None:
    first = datetime(POLICY.year, 1, 1, hour, minute, tzinfo=CIVIL)
    told = Counter(d.key for n in range(800) for d in ending(POLICY, first + timedelta(days=n)))
    assert told == Counter(d.key for d in POLICY.deadlines if d.due.date is not None)
