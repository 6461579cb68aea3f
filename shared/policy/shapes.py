"""What a type annotation of the format allows: its members, its marks, whether null is one of them."""

from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from shared.policy.errors import Value, word
from shared.policy.scalars import SHAPES, is_scalar


@dataclass(frozen=True)
class Option:
    """One type that is allowed, with the marks of its ``Meta``: pattern, code, quoted, ref, missing."""

    kind: Any
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_struct(self) -> bool:
        return isinstance(self.kind, type) and issubclass(self.kind, Struct)

    @property
    def is_scalar(self) -> bool:
        return is_scalar(self.kind)

    @property
    def is_list(self) -> bool:
        return get_origin(self.kind) is tuple

    @property
    def is_table(self) -> bool:
        return get_origin(self.kind) is dict


def _marks(metas: tuple[Any, ...]) -> dict[str, Any]:
    marks: dict[str, Any] = {}
    for meta in metas:
        if isinstance(meta, Meta):
            marks |= meta.extra or {}
            marks |= {"pattern": meta.pattern} if meta.pattern else {}
    return marks


@cache
def fields_of(struct: type[Struct]) -> tuple[FieldInfo, ...]:
    """A struct's fields; msgspec works them out anew each time, and a policy has two thousand mappings."""
    return msgspec.structs.fields(struct)


@cache
def options(expected: Any) -> tuple[Option, ...]:
    """The members of a type, null left out."""
    if get_origin(expected) in {Union, UnionType}:
        return tuple(option for member in get_args(expected) for option in options(member))
    if get_origin(expected) is Annotated:
        inner, *metas = get_args(expected)
        return tuple(Option(option.kind, option.extra | _marks(tuple(metas))) for option in options(inner))
    return () if expected in {None, NoneType} else (Option(expected),)


def nullable(expected: Any) -> bool:
    """True where the file may write null."""
    if get_origin(expected) is Annotated:
        return nullable(get_args(expected)[0])
    return expected in {None, NoneType} or NoneType in get_args(expected)


def allowed(members: tuple[Option, ...]) -> Value:
    """What a message says is allowed here."""
    if not members:
        return "null"
    first = members[0]
    if first.is_scalar:
        return word("kinds", SHAPES[first.kind]) if first.kind in SHAPES else ", ".join(get_args(first.kind))
    return word("kinds", "list" if first.is_list else "mapping")
