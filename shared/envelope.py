"""The envelope of every event: CloudEvents 1.0, binary mode, in Kafka headers (prefix ``ce_``)."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from shared.events import EVENTS, Event

MAX_VERSION: Final = 2**31 - 1
MAX_LENGTH: Final = 250
_SHAPE: Final = re.compile(r"(training\.[a-z_]+\.[a-z_]+)\.v([1-9][0-9]{0,3})")
_VERSION: Final = re.compile(rb"[1-9][0-9]{0,9}")
_KNOWN: Final = {base for base, _, _ in (t.rpartition(".") for t in EVENTS)}
_DECODE: Final[dict[str, Callable[[bytes], Event]]] = {t: msgspec.json.Decoder(e).decode for t, e in EVENTS.items()}
Headers = Iterable[tuple[str, bytes | None]]


class Undecodable(Exception):  # noqa: N818  (says what the record is)
    """A record that is not an event of the contract. It is parked with its bytes."""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What is said about an event. ``time`` is the business instant, ``stream`` the aggregate's id and the Kafka key.

    ``streamversion`` counts the stream's events from 1 without gap. No field holds free text or personal data.
    """

    id: str
    type: str
    source: str
    time: datetime
    stream: str
    streamversion: int
    actor: str
    correlationid: str
    traceparent: str
    causationid: str | None = None
    policyversion: str | None = None

    def encode(self) -> dict[str, str]:
        """The record's headers."""
        headers = {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_time": self.time.isoformat(),
            "ce_stream": self.stream,
            "ce_streamversion": str(self.streamversion),
            "ce_actor": self.actor,
            "ce_correlationid": self.correlationid,
            "ce_traceparent": self.traceparent,
        }
        if self.causationid is not None:
            headers["ce_causationid"] = self.causationid
        if self.policyversion is not None:
            headers["ce_policyversion"] = self.policyversion
        return headers


class Received(msgspec.Struct, frozen=True, gc=False):
    """An event as a consumer gets it. ``event`` is None when the type is not known here (a newer producer's)."""

    envelope: Envelope
    event: Event | None
    topic: str
    partition: int
    offset: int

    @property
    def stream(self) -> str:
        """The aggregate's id."""
        return self.envelope.stream

    @property
    def version(self) -> int:
        """The event's number in its stream, from 1."""
        return self.envelope.streamversion

    @property
    def now(self) -> datetime:
        """The business instant of the event."""
        return self.envelope.time


def fits(text: str) -> bool:
    """Whether consumers accept a text in a header: 1 to 250 printable characters."""
    return 0 < len(text) <= MAX_LENGTH and text.isprintable()


def decode(headers: Headers, key: bytes | None) -> Envelope:
    """The envelope of a record. Errors: Undecodable, whatever the bytes are."""
    raw: Mapping[str, bytes | None] = dict(headers)
    try:
        return _envelope(raw, key)
    except Undecodable:
        raise
    except KeyError as error:
        raise Undecodable(f"header {error.args[0]} is missing") from None
    except (ValueError, AttributeError, TypeError) as error:
        raise Undecodable(f"headers: {error}") from None


def _envelope(raw: Mapping[str, Any], key: bytes | None) -> Envelope:
    if raw["ce_specversion"] != b"1.0":
        raise Undecodable("ce_specversion is not 1.0")
    if raw["ce_stream"] != key:
        raise Undecodable("ce_stream is not the key")
    return Envelope(
        _text(raw["ce_id"]),
        _word(raw["ce_type"]),
        _word(raw["ce_source"]),
        _time(raw["ce_time"]),
        _text(raw["ce_stream"]),
        _version(raw["ce_streamversion"]),
        _word(raw["ce_actor"]),
        _text(raw["ce_correlationid"]),
        _text(raw["ce_traceparent"]),
        _text(raw["ce_causationid"]) if "ce_causationid" in raw else None,
        _word(raw["ce_policyversion"]) if "ce_policyversion" in raw else None,
    )


def _text(raw: bytes) -> str:
    text = raw.decode()
    if 0 < len(text) <= MAX_LENGTH and text.isprintable():  # ``fits``, without the call
        return text
    raise Undecodable("a header is empty, too long or not printable")


_word = lru_cache(maxsize=4096)(_text)  # what many records have in common is read once


@lru_cache(maxsize=4096)
def _version(raw: bytes) -> int:
    if not _VERSION.fullmatch(raw) or int(raw) > MAX_VERSION:
        raise Undecodable("ce_streamversion is not in 1..2^31-1")
    return int(raw)


def _time(raw: bytes) -> datetime:
    time = datetime.fromisoformat(raw.decode())
    if time.tzinfo is None:
        raise Undecodable("ce_time has no offset")
    return time


def _check_type(name: str) -> None:
    """Passes a type that a newer producer may have added. Errors: Undecodable for an unknown major version."""
    shape = _SHAPE.fullmatch(name)
    if shape is None:
        raise Undecodable("ce_type has not the form training.<subject>.<past tense>.v<major>")
    if shape[1] in _KNOWN or shape[2] != "1":
        raise Undecodable(f"{name}: this major is not known here")


def decode_event(envelope: Envelope, payload: bytes | None) -> Event | None:
    """The body of a record; None when the type is not known here. Errors: Undecodable."""
    decoder = _DECODE.get(envelope.type)
    if decoder is None:
        _check_type(envelope.type)
        return None
    try:
        event = decoder(payload or b"")
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Undecodable(f"{envelope.type}: {error}") from None
    if event.stream != envelope.stream:
        raise Undecodable(f"{envelope.type}: the body's {event.stream_field} is not the stream")
    return event
