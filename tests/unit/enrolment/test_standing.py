"""Which places fall when a ban is confirmed."""

from datetime import date

import msgspec
import pytest

from services.enrolment.places.domain import Complete, Place, Revoke, apply, decide_complete
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
