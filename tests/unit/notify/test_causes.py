"""Which event of a batch a plan is put down to."""

from services.notify.planning.domain import causes
from tests.integration.notify.ground import assigned, at, moved, opened, selected
from tests.integration.notify.test_nominees import nominated, passed
from tests.support.streams import Streams

CLASS, CELL, NOMINEE = ("class", "c"), ("cell", "q"), ("nominee", "n1")


def test_the_last_event_that_names_a_subject_is_its_cause() -> None:
    streams = Streams()
    first = streams.add(opened(), at(8, 6), "a" * 32)
    last = streams.add(opened(), at(8, 6), "b" * 32)
    other = streams.add(selected(1), at(8, 6), "c" * 32)
    assert causes([CLASS], [first, last, other])[CLASS].cause_id == last.envelope.id


def test_an_event_of_its_own_goes_before_one_that_only_mentions_it() -> None:
    """Somebody is put into the class in another command, right behind the move of the class."""
    streams = Streams()
    own, other = streams.add(moved(), at(8, 17), "a" * 32), streams.add(assigned(1), at(8, 17), "b" * 32)
    assert causes([CLASS], [own, other])[CLASS].cause_id == own.envelope.id


def test_what_several_commands_mention_has_no_cause() -> None:
    streams = Streams()
    first, last = [streams.add(assigned(i), at(8, 6), trace * 32) for i, trace in ((1, "a"), (2, "b"))]
    assert causes([CLASS], [first])[CLASS].cause_id == first.envelope.id
    assert causes([CLASS], [first, last]) == {}


def test_a_nomination_is_caused_by_its_last_event_in_the_stream_of_its_pool() -> None:
    streams, now = Streams(), at(7, 20)
    told = ((nominated(1, now), "a"), (passed(1, now), "b"), (passed(2, now), "c"))
    batch = [streams.add(event, now, trace * 32) for event, trace in told]
    assert causes([NOMINEE], batch)[NOMINEE].cause_id == batch[1].envelope.id


def test_what_nothing_names_has_a_cause_where_there_can_be_one_alone() -> None:
    streams = Streams()
    batch = [streams.add(selected(i), at(8, 6), "a" * 32) for i in (1, 2)]
    assert causes([CELL], batch)[CELL].cause_id == batch[-1].envelope.id
    assert causes([CELL], [*batch, streams.add(selected(3), at(8, 6), "b" * 32)]) == {}
