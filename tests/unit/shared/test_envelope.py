from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import MAX_VERSION, Envelope, Undecodable, decode, decode_event
from shared.events import EVENTS
from shared.events.enrolment import TraineeRegistered

KEY = b"p-1"
ENVELOPE = Envelope(
    id="e-1",
    type="training.trainee.registered.v1",
    source="enrolment",
    time=datetime(2026, 3, 1, 9, tzinfo=UTC),
    stream="p-1",
    streamversion=3,
    actor="someone",
    correlationid="c-1",
    traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    causationid="e-0",
    policyversion="year/1",
)
EVENT = TraineeRegistered(place_id="p-1", person_id="x", registered_at=ENVELOPE.time)
Raw = list[tuple[str, bytes | None]]


def headers(**changes: bytes | None) -> Raw:
    """The good headers, with some replaced, and those of an empty value left out."""
    raw: dict[str, bytes | None] = {k: v.encode() for k, v in ENVELOPE.encode().items()}
    raw |= {f"ce_{k}": v for k, v in changes.items()}
    return [(k, v) for k, v in raw.items() if v != b""]


def test_what_was_encoded_is_decoded() -> None:
    assert decode(headers(), KEY) == ENVELOPE


def test_optional_fields_are_left_out() -> None:
    bare = msgspec.structs.replace(ENVELOPE, causationid=None, policyversion=None)
    assert not {"ce_causationid", "ce_policyversion"} & set(bare.encode())
    assert decode(headers(causationid=b"", policyversion=b""), KEY) == bare


def test_headers_follow_cloudevents_binary_mode() -> None:
    encoded = ENVELOPE.encode()
    assert encoded["content-type"] == "application/json"
    assert encoded["ce_specversion"] == "1.0"
    assert all(
        name == name.lower() and name.removeprefix("ce_").isalnum() for name in encoded if name != "content-type"
    )


@pytest.mark.parametrize("version", [b"1", str(MAX_VERSION).encode()])
def test_versions_from_one_to_the_largest_integer_are_taken(version: bytes) -> None:
    assert decode(headers(streamversion=version), KEY).streamversion == int(version)


@pytest.mark.parametrize(
    "version",
    [
        b"0",
        b"-3",
        b"+1",
        b"01",
        b" 1",
        b"1 ",
        b"1.5",
        b"1e3",
        b"NaN",
        b"true",
        b"",
        b"\xd9\xa1",
        str(2**31).encode(),
        b"9" * 5000,
        b"1\n",
        None,
    ],
)
def test_other_versions_are_refused(version: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode(headers(streamversion=version), KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {"specversion": b"2.0"},
        {"id": b""},
        {"id": b"\x00"},
        {"actor": b"a\x00b"},
        {"actor": b"\xff"},
        {"actor": b"\xe2\x80\xae"},
        {"source": None},
        {"correlationid": b"x" * 251},
        {"time": b"2026-03-01T09:00:00"},
        {"time": b"yesterday"},
        {"stream": b"p-2"},
        {"traceparent": b""},
    ],
)
def test_a_bad_header_is_refused(changes: dict[str, bytes | None]) -> None:
    with pytest.raises(Undecodable):
        decode(headers(**changes), KEY)


@pytest.mark.parametrize("key", [None, b"", b"p-2", b"\xff"])
def test_the_key_is_the_stream(key: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode(headers(), key)


def test_an_unprintable_stream_is_refused_though_it_is_the_key() -> None:
    with pytest.raises(Undecodable):
        decode(headers(stream=b"p\x001"), b"p\x001")


@given(st.lists(st.tuples(st.text(), st.none() | st.binary())), st.none() | st.binary())
def test_no_bytes_raise_anything_else(raw: Raw, key: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode(raw, key)


@given(st.sampled_from([name for name, _ in headers()]), st.none() | st.binary(max_size=40))
def test_a_broken_header_is_undecodable_or_still_an_envelope(name: str, value: bytes | None) -> None:
    raw = [(n, value if n == name else v) for n, v in headers()]
    try:
        decoded = decode(raw, KEY)
    except Undecodable:
        return
    assert 1 <= decoded.streamversion <= MAX_VERSION
    assert decoded.stream.encode() == KEY


def test_the_body_becomes_its_event() -> None:
    assert decode_event(ENVELOPE, msgspec.json.encode(EVENT)) == EVENT


@pytest.mark.parametrize("kind", ["training.trainee.promoted.v1", "training.canteen.opened.v1"])
def test_an_unknown_type_of_the_known_form_is_no_event(kind: str) -> None:
    assert decode_event(msgspec.structs.replace(ENVELOPE, type=kind), b"not even read") is None


@pytest.mark.parametrize(
    "kind",
    ["training.trainee.registered.v2", "training.canteen.opened.v2", "registered", "training.x.v1", "Training.a.b.v1"],
)
def test_an_unknown_major_or_form_is_refused(kind: str) -> None:
    with pytest.raises(Undecodable):
        decode_event(msgspec.structs.replace(ENVELOPE, type=kind), msgspec.json.encode(EVENT))


@pytest.mark.parametrize(
    "payload",
    [None, b"", b"[]", b"{}", b"null", b"{", b"\xff", b"[" * 100_000, b'{"place_id": 1}', b'{"place_id":"p-2","person_id":"x","registered_at":"2026-03-01T09:00:00Z"}'],
)  # fmt: skip
def test_a_bad_body_is_refused(payload: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode_event(ENVELOPE, payload)


def test_a_newer_producers_field_is_passed_over() -> None:
    body: dict[str, Any] = msgspec.to_builtins(EVENT) | {"added_later": [1, 2]}
    assert decode_event(ENVELOPE, msgspec.json.encode(body)) == EVENT


def test_every_type_has_the_form_that_consumers_accept() -> None:
    for name, event in EVENTS.items():
        assert event.type == name
        assert name.count(".") == 3
        assert event.stream_field in {f.name for f in msgspec.structs.fields(event)}
