"""Scalars of the file, converted by the type that is expected and by nothing else."""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any, Final, Literal, get_args, get_origin

from shared.policy.errors import Value, word
from shared.policy.nodes import Scalar

WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,8}")
DECIMAL: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HOUR: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class UnfitError(Exception):
    """The scalar is not of the type; ``code`` and ``allowed`` go into the message."""

    def __init__(self, code: str, allowed: Value) -> None:
        super().__init__(code)
        self.code = code
        self.allowed = allowed


def _shape(kind: str) -> Value:
    return word("kinds", kind)


def _text(node: Scalar, extra: dict[str, Any]) -> str:
    pattern = extra.get("pattern")
    if not node.text or node.is_null:
        raise UnfitError("P004", _shape("text"))
    if extra.get("quoted") and node.plain:
        raise UnfitError("P004.quoted", _shape("quoted"))
    if pattern and not re.fullmatch(pattern, node.text):
        raise UnfitError(extra.get("code", "P004"), _shape("key"))
    return node.text


def _flag(node: Scalar, _extra: dict[str, Any]) -> bool:
    if not node.plain or node.text not in {"true", "false"}:
        raise UnfitError("P004", _shape("flag"))
    return node.text == "true"


def _whole(node: Scalar, _extra: dict[str, Any]) -> int:
    if not node.plain or not WHOLE.fullmatch(node.text):
        raise UnfitError("P007", _shape("whole"))
    return int(node.text)


def _decimal(node: Scalar, _extra: dict[str, Any]) -> Decimal:
    if node.plain or not DECIMAL.fullmatch(node.text):
        raise UnfitError("P007", _shape("decimal"))
    return Decimal(node.text)


def _day(node: Scalar, _extra: dict[str, Any]) -> date:
    if DAY.fullmatch(node.text):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            pass  # well written, and no such day
    raise UnfitError("P007", _shape("day"))


def _hour(node: Scalar, _extra: dict[str, Any]) -> time:
    if node.plain:
        raise UnfitError("P004.quoted", _shape("quoted"))
    if not HOUR.fullmatch(node.text):
        raise UnfitError("P007", _shape("hour"))
    return time.fromisoformat(node.text)


READERS: Final[dict[Any, Callable[[Scalar, dict[str, Any]], Any]]] = {
    str: _text,
    bool: _flag,
    int: _whole,
    Decimal: _decimal,
    date: _day,
    time: _hour,
}
SHAPES: Final = {str: "text", bool: "flag", int: "whole", Decimal: "decimal", date: "day", time: "hour"}


def is_scalar(kind: Any) -> bool:
    """True for the types that one scalar can be."""
    return kind in READERS or get_origin(kind) is Literal


def read_scalar(node: Scalar, kind: Any, extra: dict[str, Any]) -> Any:
    """The value; raises ``UnfitError``. ``extra`` is the type's own mark: quoted, pattern, code."""
    if get_origin(kind) is not Literal:
        return READERS[kind](node, extra)
    if node.text not in get_args(kind):
        raise UnfitError(extra.get("code", "P004"), ", ".join(get_args(kind)))
    return node.text
