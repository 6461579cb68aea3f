"""Which places fall when a ban is confirmed."""

from datetime import date, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.places.domain import Bar, Complete, Place, Revoke, apply, decide_complete, decide_revoke
from services.enrolment.standing.domain import places_to_revoke
from tests.unit.enrolment.given import NOW, bar, place

SPAN = (date(2021, 8, 1), date(2024, 8, 2))
STARTS = {"place-0": date(2021, 8, 20), "place-1": date(2021, 8, 20)}


def test_the_places_of_the_banned_person_fall_and_no_other() -> None:
    assert places_to_revoke([bar("person-0", *SPAN)], [place(1), place(0)], STARTS) == [
        Revoke(place_id="place-0", entry_id="entry")
    ]


@pytest.mark.parametrize(
    ("starts", "falls"),
    [
        (date(2021, 8, 1), True),
        (date(2021, 7, 31), False),
        (date(2024, 8, 1), True),
        (date(2024, 8, 2), False),
    ],
)
def test_the_class_start_decides(starts: date, *, falls: bool) -> None:
    assert bool(places_to_revoke([bar("person-0", *SPAN)], [place()], {"place-0": starts})) == falls


def test_a_place_that_is_over_or_out_of_scope_stays() -> None:
    assert places_to_revoke([bar("person-0", *SPAN, plan_levels=["national"])], [place()], STARTS) == []
    assert places_to_revoke([bar("person-0", *SPAN)], [place()], {}) == []
    over = apply(
        place(),
        decide_complete([Complete(place_id="place-0")], {"place-0": _checked_in()}, NOW).events[0],
    )
    assert places_to_revoke([bar("person-0", *SPAN)], [over], STARTS) == []


def _checked_in() -> Place:
    return msgspec.structs.replace(place(), class_id="class", checked_in_at=NOW, expected_at=NOW)


days = st.dates(date(2021, 7, 25), date(2021, 9, 5))
levels, forms = st.sampled_from(["province", "national"]), st.sampled_from([[], ["in_person"], ["other"]])


@st.composite
def bans(draw: st.DrawFn) -> list[Bar]:
    """Ranges of a few persons that may touch, overlap or miss each other."""
    spans = draw(st.lists(st.tuples(st.integers(0, 3), days, st.integers(1, 30)), max_size=6))
    return [
        bar(f"person-{who}", start, start + timedelta(days=length), plan_levels=[draw(levels)], forms=draw(forms))
        for who, start, length in spans
    ]


@given(bans(), st.dictionaries(st.integers(0, 3), days), st.sets(st.integers(0, 3)), st.randoms(use_true_random=False))
def test_exactly_the_open_places_that_a_bar_covers_fall_once_and_in_any_order(
    bars: list[Bar], starts: dict[int, date], over: set[int], random: Random
) -> None:
    """The ban always wins: afterwards no open place stands beside a bar that covers it, and asking again finds nothing."""
    known = {f"place-{i}": on for i, on in starts.items()}
    places = [msgspec.structs.replace(place(i), completed_at=NOW if i in over else None) for i in range(4)]
    fall = places_to_revoke(bars, places, known)
    covered = {
        f"place-{i}"
        for i, on in starts.items()
        if i not in over
        and any(b.person_id == f"person-{i}" and b.covers("province", place(i).forms, on) for b in bars)
    }
    assert [c.place_id for c in fall] == sorted(covered)
    random.shuffle(bars)
    assert [c.place_id for c in places_to_revoke(bars, places[::-1], known)] == sorted(covered)

    held = {p.place_id: p for p in places}
    for event in decide_revoke(fall, held, NOW).events:
        held[event.place_id] = apply(held[event.place_id], event)
    assert places_to_revoke(bars, held.values(), known) == []
