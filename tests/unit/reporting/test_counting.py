import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.counting import Counts, Tally, count

NOBODY = Tally("rural", excused=False, selected=0, met_every_condition=0, registered=0, expected=0, checked_in=0,
               completed=0, completed_after_checkin=0)  # fmt: skip
ONES = msgspec.structs.replace(NOBODY, selected=20, met_every_condition=20, registered=19, expected=19, checked_in=18,
                               completed=17, completed_after_checkin=17)  # fmt: skip
EXCUSED = msgspec.structs.replace(NOBODY, excused=True, selected=1, met_every_condition=1, registered=1, expected=1)


@pytest.mark.rule("M02", "L05")
def test_excused_stay_expected_and_are_shown_by_themselves() -> None:
    counts = count([ONES, EXCUSED], {"rural": 20}, [], "registered")
    assert (counts.expected, counts.checked_in, counts.excused) == (20, 18, 1)
    assert count([ONES, EXCUSED], {"rural": 20}, [], "registered", leave_excused=True).expected == 19


def test_a_cohort_without_checkin_lets_registration_stand_in() -> None:
    online = msgspec.structs.replace(NOBODY, cohort="online", selected=10, registered=9, completed=8)
    counts = count([ONES, online], None, ["online"], "registered")
    assert (counts.expected, counts.checked_in, counts.completed) == (28, 27, 25)
    assert count([online], None, ["online"], None).expected == 0


def test_where_quota_is_unknown_it_stays_unknown() -> None:
    assert count([ONES], None, [], None).quota is None
    assert count([ONES], {"a": 3, "b": 4}, [], None).quota == 7
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
    counts = count(given_tallies, None, without, "registered")
    assert counts.checked_in <= counts.expected <= counts.selected
    assert counts.met_every_condition <= counts.selected
    if not without:
        assert counts.completed <= counts.checked_in
    halves = count(given_tallies[::2], None, without, "registered") + count(
        given_tallies[1::2], None, without, "registered"
    )
    assert halves == counts
