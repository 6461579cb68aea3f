"""Each mapping of a policy with its path, in the order of the file's fields."""

from collections.abc import Iterator
from typing import Any

import msgspec

from shared.policy.common import label
from shared.policy.shapes import fields_of


def walk(value: Any, path: str = "") -> Iterator[tuple[str, msgspec.Struct]]:
    """The struct itself and every struct below it."""
    if isinstance(value, msgspec.Struct):
        yield path, value
        for info in fields_of(type(value)):
            yield from walk(getattr(value, info.name), f"{path}.{info.encode_name}" if path else info.encode_name)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from walk(item, f"{path}[{label(item, index)}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}")
