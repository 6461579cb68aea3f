import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.counting import Counts, Tally, count
from services.reporting.league.domain.ranking import rate
from services.reporting.league.domain.ratios import Rate
from tests.unit.reporting.given import formula, rules

NOBODY = Tally("rural", excused=False, selected=0, met_every_condition=0, registered=0, expected=0, checked_in=0,
               completed=0, completed_after_checkin=0)  # fmt: skip
ONES = msgspec.structs.replace(NOBODY, selected=20, met_every_condition=20, registered=19, expected=19, checked_in=18,
                               completed=17, completed_after_checkin=17)  # fmt: skip
EXCUSED = msgspec.structs.replace(NOBODY, excused=True, selected=1, met_every_condition=1, registered=1, expected=1)


@pytest.mark.rule("M02", "L05")
def test_excused_stay_expected_and_are_shown_by_themselves() -> None:
    counts = count([ONES, EXCUSED], {"rural": 20}, [], rules())
    assert (counts.expected, counts.checked_in, counts.excused) == (20, 18, 1)
    assert count([ONES, EXCUSED], {"rural": 20}, [], rules(), leave_excused=True).expected == 19


@pytest.mark.rule("M02", "L05")
@pytest.mark.parametrize(
    ("inside", "numerator", "denominator", "wanted"),
    [
        (False, "checked_in", "expected", Rate(2, 2)),
        (False, "checked_in", "selected", Rate(2, 3)),
        (False, "registered", "selected", Rate(3, 3)),
        (False, "registered", "quota", Rate(3, 4)),
        (False, "met_every_condition", "selected", Rate(3, 3)),
        (False, "completed", "checked_in", Rate(1, 2)),
        (False, "completed", "selected", Rate(1, 3)),
        (True, "checked_in", "expected", Rate(2, 3)),
        (True, "checked_in", "selected", Rate(2, 3)),
    ],
)
def test_the_rules_say_of_the_excused_whether_they_are_expected_and_nothing_else(
    inside: bool,
    numerator: str,
    denominator: str,
    wanted: Rate,
) -> None:
    here = msgspec.structs.replace(NOBODY, selected=2, met_every_condition=2, registered=2, expected=2, checked_in=2,
                                   completed=1, completed_after_checkin=1)  # fmt: skip
    counts = count([here, EXCUSED], {"rural": 4}, [], rules(excused_in_expected=inside))
    assert rate(formula(numerator, denominator), counts) == wanted
    assert counts.excused == 1


def test_where_registration_stands_in_the_excused_leave_it_too() -> None:
    online = msgspec.structs.replace(NOBODY, cohort="online", selected=3, registered=3, completed=2)
    excused = msgspec.structs.replace(NOBODY, cohort="online", excused=True, selected=1, registered=1, completed=1)
    counts = count([online, excused], None, ["online"], rules(excused_in_expected=False))
    assert (counts.selected, counts.registered) == (4, 4)
    assert (counts.expected, counts.checked_in, counts.completed) == (3, 3, 2)


def test_a_cohort_without_checkin_lets_registration_stand_in() -> None:
    online = msgspec.structs.replace(NOBODY, cohort="online", selected=10, registered=9, completed=8)
    counts = count([ONES, online], None, ["online"], rules())
    assert (counts.expected, counts.checked_in, counts.completed) == (28, 27, 25)


def test_where_quota_is_unknown_it_stays_unknown() -> None:
    assert count([ONES], None, [], rules()).quota is None
    assert count([ONES], {"a": 3, "b": 4}, [], rules()).quota == 7
    assert (Counts(quota=None) + Counts(quota=None)).quota is None
    assert (Counts(quota=None) + Counts(quota=5)).quota == 5


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    selected = draw(st.integers(0, 50))
    registered, met, expected = (draw(st.integers(0, selected)) for _ in range(3))
    checked_in = draw(st.integers(0, expected))
    completed = draw(st.integers(0, checked_in))
    return Tally(draw(st.sampled_from(["a", "b"])), draw(st.booleans()), selected, met, registered, expected, checked_in,
                 completed, completed)  # fmt: skip


@given(st.lists(tallies(), max_size=8), st.sets(st.sampled_from(["a", "b"])))
def test_counts_stay_inside_each_other(given_tallies: list[Tally], without: set[str]) -> None:
    counts = count(given_tallies, None, without, rules())
    assert counts.checked_in <= counts.expected <= counts.selected
    assert counts.met_every_condition <= counts.selected
    if not without:
        assert counts.completed <= counts.checked_in
    halves = count(given_tallies[::2], None, without, rules()) + count(given_tallies[1::2], None, without, rules())
    assert halves == counts
