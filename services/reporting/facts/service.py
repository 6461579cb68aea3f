"""The effect of a batch of events on the facts: fold in memory, write set by set."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from services.reporting.facts import store
from services.reporting.facts.domain import ClassRow, PlaceRow, apply
from shared.db import Connection
from shared.envelope import Received
from shared.events import enrolment as e
from shared.units import apply_units

Row = TypeVar("Row", PlaceRow, ClassRow)


async def project(con: Connection, received: Sequence[Received]) -> None:
    """Apply a batch. In order within a stream; in any order between streams; repeated without effect."""
    of: dict[str, list[Received]] = defaultdict(list)
    for r in received:
        of[r.topic].append(r)
    await apply_units(con, of[e.UnitRegistered.topic])
    published = [
        (r.event, r.version) for r in of[e.ProgrammePublished.topic] if isinstance(r.event, e.ProgrammePublished)
    ]
    await store.save_programmes(con, {p.key: (p, v) for p, v in sorted(published, key=lambda x: x[0].revision)})
    cells = {
        r.stream: (r.event, r.version) for r in of[e.QuotaAllocated.topic] if isinstance(r.event, e.QuotaAllocated)
    }
    await store.save_cells(con, cells)
    await _fold(con, of[e.ClassEvent.topic], ClassRow, store.classes, store.save_classes)
    await _fold(con, of[e.PlaceEvent.topic], PlaceRow, store.places, store.save_places)
    papers = reversed(of[e.DocumentSubmitted.topic])
    await store.save_documents(con, {r.stream: r.event for r in papers if isinstance(r.event, e.DocumentSubmitted)})
    scored = {
        r.stream: (r.event, r.version) for r in of[e.InspectionScored.topic] if isinstance(r.event, e.InspectionScored)
    }
    await store.save_inspections(con, scored)
    await store.save_progress(con, _newest(received))


async def _fold(
    con: Connection,
    mine: Sequence[Received],
    blank: Callable[[str], Row],
    load: Callable[[Connection, Sequence[str]], Awaitable[Mapping[str, Row]]],
    save: Callable[[Connection, Sequence[Row]], Awaitable[None]],
) -> None:
    if not mine:
        return
    before = await load(con, sorted({r.stream for r in mine}))
    after = dict(before)
    for r in mine:
        after[r.stream] = apply(after.get(r.stream) or blank(r.stream), r.event, r.version)
    await save(con, [row for key, row in after.items() if row is not before.get(key)])


def _newest(received: Sequence[Received]) -> Mapping[tuple[str, int], datetime]:
    return {(r.topic, r.partition): r.now for r in sorted(received, key=lambda r: r.now)}
