"""The guard notices each way to break the contract, and lets a harmless change through."""

import sys
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
import pytest

from shared.events import PRODUCER_OF, Event, Names
from tests.contract import snapshots
from tests.contract.compatibility import breaks
from tests.contract.snapshots import faults, present, stored, write


class Base(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "training.sample.made.v1"
    topic: ClassVar[str] = "training.sample.v1"
    stream_field: ClassVar[str] = "sample_id"

    sample_id: str
    count: int
    kind: Literal["a", "b"]
    names: Names
    tags: list[str] = []
    note: str | None = None


def variant(**changes: Any) -> type[Event]:
    """The event with fields replaced; ``None`` removes one, a pair is type and default."""
    info = {f.name: (f.name, f.type, f.default) for f in msgspec.structs.fields(Base)}
    factories: dict[str, Any] = {"tags": msgspec.field(default_factory=list)}
    fields: list[Any] = [(n, t, factories.get(n, d)) if n in factories or d is not msgspec.NODEFAULT else (n, t)
                         for n, t, d in info.values() if n not in changes]  # fmt: skip
    fields += [
        (name, *change) if isinstance(change, tuple) else (name, change) for name, change in changes.items() if change
    ]
    namespace = {"type": Base.type, "topic": Base.topic, "stream_field": Base.stream_field}
    made: Any = msgspec.defstruct("Base", fields, bases=(Event,), namespace=namespace, frozen=True, kw_only=True)
    checked: type[Event] = made
    return checked


OLD = present(Base)


def test_the_same_is_compatible() -> None:
    assert breaks(OLD, present(variant())) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"added": (str, "")},
        {"added": (str | None, None)},
        {"added": (list[Names], msgspec.field(default_factory=list))},
    ],
)
def test_a_new_field_with_a_default_is_compatible(changes: dict[str, Any]) -> None:
    assert breaks(OLD, present(variant(**changes))) == []


class Renamed(msgspec.Struct, frozen=True):
    zh: str
    english: str


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"count": None}, ".count was removed"),
        ({"note": None}, ".note was removed"),
        ({"added": str}, ".added is new but has no default"),
        ({"count": str}, ".count: "),
        ({"count": int | None}, ".count: "),
        ({"count": (int, 0)}, ".count is required in one and not in the other"),
        ({"note": str | None}, ".note is required in one and not in the other"),
        ({"note": (int | None, None)}, ".note: "),
        ({"kind": Literal["a"]}, ".kind: "),
        ({"kind": Literal["a", "b", "c"]}, ".kind: "),
        ({"tags": (list[int], msgspec.field(default_factory=list))}, ".tags[]: "),
        ({"names": Renamed}, ".names.en was removed"),
        ({"count": None, "amount": int}, ".amount is new but has no default"),
    ],
)
def test_a_change_that_readers_would_not_survive_is_named(changes: dict[str, Any], said: str) -> None:
    new = present(variant(**changes))
    assert any(fault.startswith(said) for fault in breaks(OLD, new))


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The base event is written down in a folder of the test's own."""
    monkeypatch.setattr(snapshots, "SCHEMAS", tmp_path)
    monkeypatch.setattr(snapshots, "CORPUS", tmp_path)
    monkeypatch.setitem(PRODUCER_OF, Base.type, "enrolment")
    assert write(Base)
    return tmp_path


def test_a_revision_is_written_once_and_kept(written: Path) -> None:
    wider = variant(added=(str, ""))
    assert not write(Base)
    assert faults(wider) == []
    assert write(wider)
    assert stored(Base.type)["revisions"] == [OLD, present(wider)]
    lines = snapshots.corpus(Base.type)
    assert [b'"added"' in line for line in lines].count(True) > 0
    assert [b'"added"' in line for line in lines].count(False) > 0


def test_a_field_that_goes_back_to_an_older_revision_is_refused(written: Path) -> None:
    write(variant(added=(str, "")))
    assert faults(Base) == [".added was removed"]


def test_another_topic_or_stream_is_refused(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = variant()
    monkeypatch.setattr(moved, "topic", "training.other.v1")
    assert faults(moved) == ["topic: training.sample.v1 became training.other.v1"]


def test_the_command_refuses_and_names_the_fault(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(snapshots, "EVENTS", {Base.type: variant(count=str)})
    assert snapshots.main() == 1
    assert "needs a new major version" in capsys.readouterr().err
    assert stored(Base.type)["revisions"] == [OLD]


def test_a_missing_snapshot_tells_the_command() -> None:
    assert snapshots.COMMAND == "python -m tests.contract.snapshots"
    assert sys.modules[snapshots.__name__].__doc__
    assert snapshots.COMMAND in (snapshots.__doc__ or "")
