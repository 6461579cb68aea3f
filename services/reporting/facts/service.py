"""The effect of a batch of events on the facts: fold in memory, write set by set."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from services.reporting.facts import store
from services.reporting.facts.domain import ClassRow, PlaceRow, apply
from shared.db import Connection
from shared.envelope import Received
from shared.events import enrolment as e
from shared.units import apply_units

Row = TypeVar("Row", PlaceRow, ClassRow)
PLACE: Final = e.PlaceEvent.topic
CLASS: Final = e.ClassEvent.topic


async def project(con: Connection, received: Sequence[Received]) -> None:
    """Apply a batch. In order within a stream; in any order between streams; repeated without effect."""
    await apply_units(con, received)
    published = [(r.event, r.version) for r in received if isinstance(r.event, e.ProgrammePublished)]
    await store.save_programmes(con, {p.key: (p, v) for p, v in sorted(published, key=lambda x: x[0].revision)})
    cells = {r.stream: (r.event, r.version) for r in received if isinstance(r.event, e.QuotaAllocated)}
    await store.save_cells(con, cells)
    await _fold(con, received, CLASS, ClassRow, store.classes, store.save_classes)
    await _fold(con, received, PLACE, PlaceRow, store.places, store.save_places)
    first = {r.stream: r.event for r in reversed(received) if isinstance(r.event, e.DocumentSubmitted)}
    await store.save_documents(con, first)
    await store.save_progress(con, _newest(received))


async def _fold(
    con: Connection,
    received: Sequence[Received],
    topic: str,
    blank: Callable[[str], Row],
    load: Callable[[Connection, Sequence[str]], Awaitable[Mapping[str, Row]]],
    save: Callable[[Connection, Sequence[Row]], Awaitable[None]],
) -> None:
    mine = [r for r in received if r.topic == topic]
    if not mine:
        return
    before = await load(con, sorted({r.stream for r in mine}))
    after = dict(before)
    for r in mine:
        after[r.stream] = apply(after.get(r.stream) or blank(r.stream), r.event, r.version)
    await save(con, [row for key, row in after.items() if row is not before.get(key)])


def _newest(received: Sequence[Received]) -> Mapping[tuple[str, int], datetime]:
    return {(r.topic, r.partition): r.now for r in sorted(received, key=lambda r: r.now)}
