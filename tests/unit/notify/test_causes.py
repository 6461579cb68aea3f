"""Which event of a batch a plan is put down to."""

from services.notify.planning.domain import causes
from tests.integration.notify.ground import at, opened, selected
from tests.support.streams import Streams

CLASS, CELL = ("class", "c"), ("cell", "q")


def test_the_last_event_that_names_a_subject_is_its_cause() -> None:
    streams = Streams()
    first = streams.add(opened(), at(8, 6), "a" * 32)
    last = streams.add(opened(), at(8, 6), "b" * 32)
    other = streams.add(selected(1), at(8, 6), "c" * 32)
    assert causes([CLASS], [first, last, other])[CLASS].cause_id == last.envelope.id


def test_what_nothing_names_has_a_cause_where_there_can_be_one_alone() -> None:
    streams = Streams()
    batch = [streams.add(selected(i), at(8, 6), "a" * 32) for i in (1, 2)]
    assert causes([CELL], batch)[CELL].cause_id == batch[-1].envelope.id
    assert causes([CELL], [*batch, streams.add(selected(3), at(8, 6), "b" * 32)]) == {}
