"""Whether a forbidden word, such as a person's name, stands in a text."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from .reading import headers

RUNS = re.compile(r"[0-9][0-9Xx]{5,}|[^\s\"'<>:,;{}\[\]]+@[^\s\"'<>:,;{}\[\]]+|[\u4e00-\u9fff]{2,}")


def leaks(records: list[Any], forbidden: Iterable[str]) -> list[tuple[str, int, int]]:
    """Where a forbidden string stands in a record."""
    named = finder(forbidden)
    return [(r.topic, r.partition, r.offset) for r in records if named(as_text(r))]


def as_text(record: Any) -> str:
    """All that a record says."""
    return json.dumps([headers(record), json.loads(record.value), record.key.decode()], ensure_ascii=False)


def finder(forbidden: Iterable[str]) -> Callable[[str], bool]:
    """Whether one of the words stands in a run of digits, in an address or in a run of Chinese characters of a text."""
    words = set(forbidden)
    lengths = {len(w) for w in words}

    def named(text: str) -> bool:
        return any(
            run[i : i + n] in words for run in RUNS.findall(text) for n in lengths for i in range(len(run) - n + 1)
        )

    return named
