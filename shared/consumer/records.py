"""A Kafka record as the consumer works with it: read once, whatever its bytes are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from shared.envelope import MAX_LENGTH, Received, Undecodable, decode, decode_event

HeaderList = Sequence[tuple[str, bytes | None]]
_headers: Final = msgspec.json.Decoder(list[tuple[str, bytes | None]]).decode


class Record(Protocol):
    """What is used of aiokafka's record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: HeaderList


class Item(msgspec.Struct, gc=False):
    """A record and what could be read of it. ``topic`` is without the deployment's prefix.

    ``received`` is None when the record can't be applied; ``reason`` (undecodable, failed or gap) and ``error`` then say why.
    ``version`` is None when not even the envelope could be read; ``stream`` is then the key, if that is readable.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: HeaderList
    payload: bytes | None
    stream: str | None = None
    version: int | None = None
    received: Received | None = None
    reason: str = ""
    error: str = ""
    stored: bool = False


def read(record: Record, topic: str) -> Item:
    """Never raises: what can't be decoded is an item with a reason."""
    return _interpret(Item(topic, record.partition, record.offset, record.key, record.headers, record.value))


def restore(row: Mapping[str, Any]) -> Item:
    """A row of ``parked``, read again from its bytes."""
    item = Item(row["topic"], row["partition"], row["offset"], row["key"], _headers(row["headers"]), row["payload"])
    item.stored = True
    return _interpret(item)


def pack(headers: HeaderList) -> bytes:
    """The headers as they stand in ``parked``: JSON, values in base64, duplicates kept."""
    return msgspec.json.encode(list(headers))


def _interpret(item: Item) -> Item:
    try:
        envelope = decode(item.headers, item.key)
        item.stream, item.version = envelope.stream, envelope.streamversion
        event = decode_event(envelope, item.payload)
    except Undecodable as error:
        if item.version is None:
            item.stream = printable(item.key)
        item.reason, item.error = "undecodable", clean(str(error))
    else:
        item.received = Received(envelope, event, item.topic, item.partition, item.offset)
    return item


def printable(key: bytes | None) -> str | None:
    """A stream's id, if these bytes can be one."""
    text = (key or b"").decode("utf-8", "replace")
    return text if 0 < len(text) <= MAX_LENGTH and text.isprintable() else None


def clean(text: str) -> str:
    """Text that PostgreSQL takes, of a bounded length."""
    return text.encode("utf-8", "replace").decode().replace("\0", "�")[:2000]
