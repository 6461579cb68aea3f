"""The events are a public contract: what was ever published can be read, and what is published now by old readers too."""

import json
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml

from shared.events import EVENTS, Event
from tests.contract import snapshots
from tests.contract.samples import encode, payloads
from tests.contract.snapshots import COMMAND, CORPUS, HERE, SCHEMAS, corpus, faults, present, stored

NAMES = sorted(EVENTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_present_schema_is_written_down(name: str) -> None:
    assert not faults(EVENTS[name]), "a change that is not allowed; it needs a new major version of the type"
    kept = stored(name)
    assert kept, f"no snapshot; run: {COMMAND}"
    assert kept["revisions"][-1] == present(EVENTS[name]), f"the event changed; run: {COMMAND}"


def test_no_type_has_disappeared() -> None:
    written = {f.stem for f in SCHEMAS.glob("*.json")}
    assert written == set(EVENTS), f"removed: {sorted(written - set(EVENTS))}; missing: run {COMMAND}"
    assert {f.stem for f in CORPUS.glob("*.jsonl")} == written


@pytest.mark.parametrize("name", NAMES)
def test_all_that_was_ever_published_is_read_without_losing_a_field(name: str) -> None:
    lines = corpus(name)
    assert lines, f"no corpus; run: {COMMAND}"
    for line in lines:
        event = msgspec.json.decode(line, type=EVENTS[name])
        again = json.loads(msgspec.json.encode(event))
        assert contains(again, json.loads(line)), f"a field of the old payload is lost: {line.decode()}"


def contains(whole: Any, part: Any) -> bool:
    """Every value of ``part`` stands in ``whole`` at the same place."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(k in whole and contains(whole[k], v) for k, v in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(whole) == len(part) and all(contains(w, p) for w, p in zip(whole, part, strict=True))
    return bool(whole == part)


@pytest.mark.parametrize("name", NAMES)
def test_every_payload_is_valid_for_every_revision(name: str) -> None:
    """Old data for new readers and new data for old readers, over all revisions and not only neighbours."""
    fresh = [encode(p) for p in payloads(EVENTS[name])]
    for revision in stored(name)["revisions"]:
        reader = jsonschema_rs.validator_for(revision)
        for line in [*corpus(name), *fresh]:
            reader.validate(json.loads(line))


@pytest.mark.parametrize("name", NAMES)
def test_made_up_payloads_are_events(name: str) -> None:
    for payload in payloads(EVENTS[name]):
        assert isinstance(msgspec.json.decode(encode(payload), type=EVENTS[name]), Event)


def test_every_topic_is_provisioned() -> None:
    listed = yaml.safe_load((HERE.parents[1] / "deploy" / "topics.yaml").read_text("utf-8"))["topics"]
    assert {e.topic for e in EVENTS.values()} <= set(listed)


def test_events_of_a_topic_have_their_stream_in_the_same_field() -> None:
    fields: dict[str, set[str]] = {}
    for event in EVENTS.values():
        fields.setdefault(event.topic, set()).add(event.stream_field)
    assert {topic: len(names) for topic, names in fields.items()} == dict.fromkeys(fields, 1)


def test_the_command_has_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert all(snapshots.stored(n)["revisions"][-1] == present(EVENTS[n]) for n in NAMES)
    assert snapshots.main() == 0
    assert capsys.readouterr().out == ""
