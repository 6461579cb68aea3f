"""Reads every topic from the start and recomputes the league table, with nothing of the project: aiokafka and json.

usage: python stranger.py KAFKA PREFIX POLICY_KEY PROJECT [FILE-OF-FORBIDDEN-STRINGS]

Prints one JSON object: {"streams", "events", "gaps": […], "split": […], "leaks": […], "counts": {unit code: {…}},
"rates": {unit code: {formula: percent}}}.
``gaps`` are streams whose versions are not 1..n, ``split`` streams found in two partitions, ``leaks`` records in which
a forbidden string stands. The table has a row for every unit of level "city"; the rates follow the formulas and the
rounding of the policy as it was published.
"""

import asyncio
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

FACTS = ("quota", "selected", "registered", "expected", "checked_in", "completed", "met_every_condition")
History = list[tuple[str, dict[str, Any]]]


async def read(kafka: str, prefix: str) -> list[Any]:
    """Every record of the topics with the prefix."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        parts = await partitions(kafka, prefix)
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        records: list[Any] = []
        while any([await consumer.position(p) < ends[p] for p in parts]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records += batch
        return records
    finally:
        await consumer.stop()


async def partitions(kafka: str, prefix: str) -> list[TopicPartition]:
    """Every partition of the topics with the prefix."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        topics = [t for t in await admin.list_topics() if t.startswith(prefix + "training.")]
        described = await admin.describe_topics(topics)
    finally:
        await admin.close()
    return [TopicPartition(t["topic"], p["partition"]) for t in described for p in t["partitions"]]


def headers(record: Any) -> dict[str, str]:
    """A record's headers as text."""
    return {k: v.decode() for k, v in record.headers}


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


def last(history: History, subject: str) -> dict[str, dict[str, Any]]:
    """The last body of each kind of event about a subject: ``{"selected": {…}, …}``."""
    start = f"training.{subject}."
    return {t.removeprefix(start).removesuffix(".v1"): body for t, body in history if t.startswith(start)}


def revoked(history: History) -> bool:
    """Whether a place was taken from its holder, by a ban or for a substitute, and not given back since."""
    turns = [t.split(".")[2] for t, _ in history if t.startswith("training.trainee.re")]
    return [t for t in turns if t in {"revoked", "replaced", "restored"}][-1:] in (["revoked"], ["replaced"])


def table(histories: list[History], policy_key: str, project: str) -> dict[str, dict[str, int]]:
    """Counts per city, from the events alone."""
    units = [last(h, "unit")["registered"] for h in histories if h[0][0].startswith("training.unit.")]
    cities = {u["unit_id"]: u["code"] for u in units if u["level"] == "city"}
    cancelled = {last(h, "class")["cancelled"]["class_id"] for h in histories if "cancelled" in last(h, "class")}
    counts = {code: dict.fromkeys(FACTS, 0) for code in cities.values()}
    for history in histories:
        cell = last(history, "quota").get("allocated", {})
        if (cell.get("policy_key"), cell.get("project")) == (policy_key, project) and cell["unit_id"] in cities:
            counts[cities[cell["unit_id"]]]["quota"] += cell["places"]
        place = last(history, "trainee")
        chosen = place.get("selected", {})
        in_force = "expected" in place or not revoked(history)
        if (chosen.get("policy_key"), chosen.get("project")) == (policy_key, project) and in_force:
            for unit in set(chosen["unit_path"].split("/")) & set(cities):
                count(counts[cities[unit]], place, cancelled)
    return counts


def count(row: dict[str, int], place: dict[str, dict[str, Any]], cancelled: set[str]) -> None:
    """Add one place in force to a row; a cancelled class leaves it in no count (L13)."""
    if place.get("assigned", {}).get("class_id") in cancelled:
        return
    expected = "expected" in place
    came = expected and "checked_in" in place
    row["selected"] += 1
    row["met_every_condition"] += place["selected"]["met_every_condition"]
    row["registered"] += "registered" in place
    row["expected"] += expected
    row["checked_in"] += came
    row["completed"] += came and "completed" in place


def rates(rows: dict[str, dict[str, int]], histories: list[History], policy_key: str) -> dict[str, dict[str, str]]:
    """Each row's percentages, half up, of the formulas that are made of the table's counts."""
    year = next(
        body
        for h in histories
        for kind, body in h
        if kind.endswith("programme.published.v1") and body["key"] == policy_key
    )
    policy = year["policy"]
    decimals = policy["table_rules"]["rounding"]["decimals"]
    formulas = [f for f in policy["formulas"] if f.get("numerator") in FACTS and f["denominator"] in FACTS]
    return {
        code: {
            f["key"]: half_up(row[f["numerator"]], row[f["denominator"]], decimals)
            for f in formulas
            if row[f["denominator"]]
        }
        for code, row in rows.items()
    }


def half_up(part: int, whole: int, decimals: int) -> str:
    """``part / whole`` in percent, exactly."""
    units = (2 * 100 * 10**decimals * part + whole) // (2 * whole)
    return f"{units // 10**decimals}.{units % 10**decimals:0{decimals}d}"


RUNS = re.compile(r"[0-9][0-9Xx]{5,}|[^\s\"'<>:,;{}\[\]]+@[^\s\"'<>:,;{}\[\]]+|[\u4e00-\u9fff]{2,}")


def leaks(records: list[Any], forbidden: list[str]) -> list[tuple[str, int, int]]:
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


async def main(kafka: str, prefix: str, policy_key: str, project: str, forbidden: str = "") -> dict[str, Any]:
    """Read, check, recompute; ``forbidden`` is text with one forbidden string a line."""
    records = await read(kafka, prefix)
    words = [w for w in forbidden.splitlines() if w]
    histories = fold(records)
    rows = table(histories, policy_key, project)
    return {
        **check_streams(records),
        "leaks": leaks(records, words),
        "counts": rows,
        "rates": rates(rows, histories, policy_key),
    }


if __name__ == "__main__":
    kafka_, prefix_, key_, project_, *file_ = sys.argv[1:]
    private = Path(file_[0]).read_text(encoding="utf-8") if file_ else ""
    print(json.dumps(asyncio.run(main(kafka_, prefix_, key_, project_, private)), ensure_ascii=False))
