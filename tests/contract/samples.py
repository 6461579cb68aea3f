"""Made-up but typical payloads of an event type: with everything in it, and with as little as allowed."""

from typing import Any

import msgspec
from msgspec import inspect

from shared.events import Event

TEXT = "示例-sample"
VALUES: dict[type[inspect.Type], Any] = {
    inspect.StrType: TEXT,
    inspect.IntType: 7,
    inspect.FloatType: 0.5,
    inspect.BoolType: True,
    inspect.DateType: "2031-05-01",
    inspect.DateTimeType: "2031-05-01T09:30:00+08:00",
    inspect.NoneType: None,
    inspect.AnyType: {"any": [1, "two", None]},
}


def payloads(event: type[Event]) -> list[dict[str, Any]]:
    """The full payload, the bare one, and one more for each further member of a choice."""
    info = inspect.type_info(event)
    made = [sample(info, full=True), sample(info, full=False), *_choices(info)]
    return [p for n, p in enumerate(made) if p not in made[:n]]


def sample(info: inspect.Type, *, full: bool) -> Any:
    """A value of a type; ``full`` fills options and lists, otherwise they are left out or empty."""
    if isinstance(info, inspect.StructType):
        return {f.encode_name: sample(f.type, full=full) for f in info.fields if full or f.required}
    if isinstance(info, inspect.ListType):
        return [sample(info.item_type, full=full)] if full else []
    if isinstance(info, inspect.DictType):
        return {TEXT: sample(info.value_type, full=full)} if full else {}
    if isinstance(info, inspect.LiteralType):
        return info.values[0]
    if isinstance(info, inspect.UnionType):
        return sample(_member(info, full=full), full=full)
    return VALUES[type(info)]


def _member(info: inspect.UnionType, *, full: bool) -> inspect.Type:
    nothing = [t for t in info.types if isinstance(t, inspect.NoneType)]
    something = [t for t in info.types if not isinstance(t, inspect.NoneType)]
    return something[0] if full or not nothing else nothing[0]


def _choices(info: inspect.Type) -> list[dict[str, Any]]:
    assert isinstance(info, inspect.StructType)
    chosen = [(f.encode_name, v) for f in info.fields if isinstance(f.type, inspect.LiteralType) for v in f.type.values]
    return [sample(info, full=True) | {name: value} for name, value in chosen]


def encode(payload: dict[str, Any]) -> bytes:
    """One line of a corpus."""
    return msgspec.json.encode(payload)
