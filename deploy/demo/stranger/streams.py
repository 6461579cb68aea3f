"""Streams: whether they are whole, and what they tell in order."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from .reading import headers

Body = Mapping[str, Any]
History = list[tuple[str, dict[str, Any]]]


def check_streams(records: list[Any]) -> dict[str, Any]:
    """How many streams there are, which have gaps, which are split over partitions or keyed wrongly."""
    versions: dict[str, list[int]] = defaultdict(list)
    homes: dict[str, set[Any]] = defaultdict(set)
    for record in records:
        stream = headers(record)["ce_stream"]
        versions[stream].append(int(headers(record)["ce_streamversion"]))
        homes[stream].add((record.topic, record.partition, record.key.decode() == stream))
    gaps = [s for s, v in versions.items() if sorted(set(v)) != list(range(1, max(v) + 1))]
    split = [s for s, p in homes.items() if len(p) > 1 or not all(keyed for _, _, keyed in p)]
    return {"streams": len(versions), "events": len(records), "gaps": gaps, "split": split}


def fold(records: list[Any]) -> list[History]:
    """The events of each stream in order of version, each once."""
    streams: dict[str, dict[int, tuple[str, dict[str, Any]]]] = defaultdict(dict)
    for record in records:
        head = headers(record)
        streams[head["ce_stream"]][int(head["ce_streamversion"])] = (head["ce_type"], json.loads(record.value))
    return [[v[n] for n in sorted(v)] for v in streams.values()]


def newest(history: History) -> dict[str, Body]:
    """The newest body of each kind of event: ``{"trainee.selected": {…}, …}``."""
    return {kind.removeprefix("training.").removesuffix(".v1"): body for kind, body in history}
