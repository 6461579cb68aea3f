"""What the record keeps of a place's stream, and what undoes a dropout, whatever the order of the events."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.blacklist.record.domain import fact_of, touches, undo_of
from shared.events import enrolment as e
from tests.contract.samples import payloads
from tests.unit.blacklist.given import HAPPENED

CAUSES = ("no_show", "dismissed", "not_completed")
OWN = (e.TraineeSelected, e.TraineeRegistered, e.TraineeAssigned, e.TraineeCheckedIn, e.TraineeExcused, e.TraineeExpected,
       e.TraineeCompleted, e.TraineeDropoutRecorded, e.TraineeRevoked)  # fmt: skip
REMEDIES: tuple[type[e.PlaceEvent], ...] = (e.TraineeExcused, e.TraineeCheckedIn, e.TraineeCompleted)


def event(kind: type[Any], at: datetime = HAPPENED, **changes: Any) -> Any:
    """A typical event of the type about one place, everything in it happening at one moment."""
    made = msgspec.convert(payloads(kind)[0], kind)
    moments = {f: at for f in made.__struct_fields__ if isinstance(getattr(made, f), datetime)}
    return msgspec.structs.replace(made, place_id="place", person_id="person", **moments, **changes)


dropouts = st.sampled_from(CAUSES).map(lambda cause: event(e.TraineeDropoutRecorded, cause=cause))
streams = st.lists(st.sampled_from(OWN).map(event) | dropouts, max_size=12)


def standing(stream: list[Any]) -> set[str]:
    """The causes that stand after the stream, by the decisions alone."""
    left: set[str] = set()
    for one in stream:
        undo = undo_of(one)
        left -= set(undo.causes) if undo else set()
        left |= {one.cause} if isinstance(one, e.TraineeDropoutRecorded) else set()
    return left


@given(streams)
def test_a_dropout_stands_until_its_own_remedy_comes_after_it(stream: list[Any]) -> None:
    """L01, L05 as a reader of the stream would say it: excused undoes all, presence a no-show, completion the rest."""
    kinds: list[Any] = [one.cause if isinstance(one, e.TraineeDropoutRecorded) else type(one) for one in stream]
    for cause in CAUSES:
        own = e.TraineeCheckedIn if cause == "no_show" else e.TraineeCompleted
        after = kinds[len(kinds) - kinds[::-1].index(cause) :] if cause in kinds else [e.TraineeExcused]
        assert (cause in standing(stream)) == (e.TraineeExcused not in after and own not in after)


@given(streams, st.permutations(REMEDIES), st.integers(1, 3))
def test_remedies_work_in_any_order_and_however_often(stream: list[Any], order: list[Any], times: int) -> None:
    assert standing([*stream, *[event(kind) for kind in order * times]]) == set()


@given(streams)
def test_what_undoes_a_dropout_brings_its_case_up_again(stream: list[Any]) -> None:
    """Else a proposal would stay beside the reason that lifts it."""
    for one in stream:
        bears = undo_of(one) is not None or isinstance(one, e.TraineeDropoutRecorded)
        assert bears <= (("place", "place") in touches(one))


@given(st.sampled_from(OWN), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_line_of_the_record_says_who_and_when_as_its_event_does(kind: type[Any], after: timedelta) -> None:
    told = event(kind, HAPPENED + after)
    fact = fact_of(told)
    if fact is not None:
        assert (fact.person_id, fact.place_id, fact.occurred_at) == ("person", "place", HAPPENED + after)
        assert fact.class_id == getattr(told, "class_id", None)
