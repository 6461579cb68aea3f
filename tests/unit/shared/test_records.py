from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from shared.consumer.records import HeaderList, clean, pack, read, restore


@dataclass
class Record:
    topic: str = "prefix.topic"
    partition: int = 1
    offset: int = 7
    key: bytes | None = None
    value: bytes | None = None
    headers: HeaderList = field(default_factory=list)


HEADERS = st.lists(st.tuples(st.text(), st.none() | st.binary()))


@given(HEADERS, st.none() | st.binary(), st.none() | st.binary())
def test_any_record_is_read_and_survives_parking(headers: HeaderList, key: bytes | None, value: bytes | None) -> None:
    item = read(Record(key=key, value=value, headers=headers), "topic")
    assert item.received is None
    assert item.reason == "undecodable"
    row = {"topic": "topic", "partition": 1, "offset": 7, "key": key, "payload": value, "headers": pack(headers)}
    again = restore(row)
    assert (again.key, again.payload, list(again.headers)) == (item.key, item.payload, list(item.headers))
    assert again.stored


@given(st.none() | st.binary())
def test_the_stream_of_an_unreadable_record_can_be_stored(key: bytes | None) -> None:
    stream = read(Record(key=key), "topic").stream
    assert stream is None or (stream and stream.isprintable())


@given(st.text())
def test_an_error_text_can_be_stored(text: str) -> None:
    assert "\0" not in clean(text)
    assert clean(text).encode("utf-8").decode() == clean(text)


def test_an_error_text_is_short() -> None:
    assert len(clean("x\ud800" * 5000)) == 2000
