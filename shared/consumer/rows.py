"""The consumer's rows in PostgreSQL: offsets, versions and parked records, read and written for a whole batch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from shared.consumer.order import Order
from shared.consumer.records import Item, pack, restore
from shared.db import Connection, load_queries

Q = load_queries(__file__)
Partition = tuple[str, int]
Batch = Mapping[Partition, Sequence[Item]]
PAGE: Final = 200  # parked events of a stream that are looked at in one go


class Rows:
    """The rows of one consumer. Every method is one statement in the caller's transaction."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def fence(self, con: Connection, batch: Batch) -> tuple[list[Item], bool]:
        """The records of the partitions that begin exactly where PostgreSQL says, and whether anything is parked.

        Locks these partitions until the end of the transaction.
        """
        parts = sorted(batch)
        rows = await con.fetch(Q.fence, self._name, [t for t, _ in parts], [p for _, p in parts])
        following = {(r["topic"], r["partition"]): r["next"] for r in rows}
        inside = [p for p in parts if following.get(p) == batch[p][0].offset]
        return [item for p in inside for item in batch[p]], any(r["parked"] for r in rows)

    async def versions(self, con: Connection, items: Iterable[Item]) -> dict[str, int]:
        """The streams' last applied versions, locked; a stream that never had an event is missing."""
        streams = list({i.stream for i in items if i.stream is not None})
        return {r["stream"]: r["version"] for r in await con.fetch(Q.cursors, self._name, streams)}

    async def successors(self, con: Connection, moved: Mapping[str, int]) -> list[Item]:
        """Parked events behind the streams' new versions, in order, the first ones of each stream."""
        rows = await con.fetch(Q.parked_successors, self._name, list(moved), list(moved.values()), PAGE)
        return [restore(r) for r in rows]

    async def advance(
        self, con: Connection, parts: Mapping[Partition, int], order: Order, before: Mapping[str, int], waiting: Iterable[Item]
    ) -> None:  # fmt: skip
        """Offsets and versions. A stream with a parked record gets a row even at 0, so that redrive can lock it."""
        touched = moved(order, before)
        new = {i.stream: 0 for i in waiting if i.stream is not None and i.stream not in before}
        new |= {s: v for s, v in touched.items() if s not in before}
        old = {s: v for s, v in touched.items() if s in before}
        await con.execute(
            Q.advance, self._name, [t for t, _ in parts], [p for _, p in parts], list(parts.values()),
            list(old), list(old.values()), list(new), list(new.values()),
        )  # fmt: skip

    async def park(self, con: Connection, items: Sequence[Item]) -> int:
        """Keep records with their bytes; gives how many were not parked before."""
        done: str = await con.execute(Q.park, self._name, *_columns(items))
        return int(done.rpartition(" ")[2])

    async def unpark(self, con: Connection, moved: Mapping[str, int]) -> None:
        """Forget parked records whose versions were passed."""
        await con.execute(Q.unpark, self._name, list(moved), list(moved.values()))


def moved(order: Order, before: Mapping[str, int]) -> dict[str, int]:
    """The streams that got further, with their new versions."""
    return {s: v for s, v in order.versions.items() if v != before.get(s, 0)}


def _columns(items: Sequence[Item]) -> list[list[object]]:
    rows = [(i.topic, i.partition, i.offset, i.stream, i.version, i.key, pack(i.headers), i.payload, i.reason, i.error)
            for i in items]  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)]
