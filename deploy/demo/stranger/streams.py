"""Streams: whether they are whole, and what they tell in order."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from .reading import headers

CONCLUDED = {f"training.ban.{kind}.v1" for kind in ("proposed", "evidenced", "notified")}
Body = Mapping[str, Any]
History = list[tuple[str, dict[str, Any]]]


def check_streams(records: list[Any]) -> dict[str, Any]:
    """How many streams there are, which have gaps or are not ``whole``, which are split over partitions or keyed wrongly."""
    streams: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        streams[headers(record)["ce_stream"]].append(record)
    homes = {s: {(r.topic, r.partition, r.key.decode() == s) for r in told} for s, told in streams.items()}
    gaps = sorted(s for s, told in streams.items() if not whole(told))
    split = sorted(s for s, p in homes.items() if len(p) > 1 or not all(keyed for _, _, keyed in p))
    return {"streams": len(streams), "events": len(records), "gaps": gaps, "split": split}


def whole(told: list[Any]) -> bool:
    """Whether a stream's versions are 1..n, each saying the same whenever it is told, and first told in that order.

    Whoever reads keeps the first telling. A service whose database was put back to an older copy concludes once more: the id
    may differ then, and what it says of a ban too, for the facts may be read again in another order.
    """
    events: dict[int, tuple[str, bytes]] = {}
    firsts: dict[Any, dict[int, None]] = defaultdict(dict)  # by partition: there is no order between two
    for record in told:
        version, event = int(headers(record)["ce_streamversion"]), (headers(record)["ce_type"], record.value)
        if events.setdefault(version, event) != event and event[0] not in CONCLUDED:
            return False
        firsts[record.topic, record.partition][version] = None
    return sorted(events) == list(range(1, len(events) + 1)) and all(list(v) == sorted(v) for v in firsts.values())


def fold(records: list[Any]) -> list[History]:
    """The events of each stream in order of version, each as it was told first."""
    streams: dict[str, dict[int, tuple[str, dict[str, Any]]]] = defaultdict(dict)
    for record in records:
        head = headers(record)
        event = (head["ce_type"], json.loads(record.value))
        streams[head["ce_stream"]].setdefault(int(head["ce_streamversion"]), event)
    return [[v[n] for n in sorted(v)] for v in streams.values()]


def newest(history: History) -> dict[str, Body]:
    """The newest body of each kind of event: ``{"trainee.selected": {…}, …}``."""
    return {kind.removeprefix("training.").removesuffix(".v1"): body for kind, body in history}
