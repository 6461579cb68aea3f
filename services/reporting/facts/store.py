"""Loads and saves the facts of a batch, one statement per kind."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.reporting.facts.domain import ClassRow, PlaceRow
from shared.db import Connection, load_queries
from shared.events.enrolment import DocumentSubmitted, InspectionScored, ProgrammePublished, QuotaAllocated

Q = load_queries(__file__)


async def places(con: Connection, ids: Sequence[str]) -> dict[str, PlaceRow]:
    """The rows that exist, by place id."""
    return {r["place_id"]: PlaceRow(*r) for r in await con.fetch(Q.places, ids)}


async def classes(con: Connection, ids: Sequence[str]) -> dict[str, ClassRow]:
    """The rows that exist, by class id."""
    return {r["class_id"]: ClassRow(*r) for r in await con.fetch(Q.classes, ids)}


async def save_places(con: Connection, rows: Sequence[PlaceRow]) -> None:
    """Write rows; a stored row with a higher version stays."""
    await _save(con, Q.save_places, [_values(r) for r in rows])


async def save_classes(con: Connection, rows: Sequence[ClassRow]) -> None:
    """Write rows; a stored row with a higher version stays."""
    await _save(con, Q.save_classes, [_values(r) for r in rows])


async def save_cells(con: Connection, cells: Mapping[str, tuple[QuotaAllocated, int]]) -> None:
    """Write the newest total of each cell."""
    await _save(con, Q.save_cells, [(c.cell_id, c.parent_cell_id, c.policy_key, c.project, c.cohort, c.unit_id,
                                     c.unit_path, c.places, c.synthetic, version) for c, version in cells.values()])  # fmt: skip


async def save_documents(con: Connection, documents: Mapping[str, DocumentSubmitted]) -> None:
    """Write documents; the first submission stands, what was late stays late (D04)."""
    await _save(con, Q.save_documents, [(d.document_id, d.document, d.policy_key, d.project, d.class_id,
                                         d.institution_id, d.institution_path, d.submitted_at, d.due_at, d.on_time)
                                        for d in documents.values()])  # fmt: skip


async def save_inspections(con: Connection, scored: Mapping[str, tuple[InspectionScored, int]]) -> None:
    """Write the newest score of each inspection (M09). Errors: decimal.InvalidOperation for a score that is no number."""
    await _save(con, Q.save_inspections, [(s.inspection_id, version, s.policy_key, s.project, s.institution_id,
                                           s.institution_path, Decimal(s.score), Decimal(s.max), s.inspected_on)
                                          for s, version in scored.values()])  # fmt: skip


async def save_programmes(con: Connection, programmes: Mapping[str, tuple[ProgrammePublished, int]]) -> None:
    """Write the newest revision of each programme year."""
    await _save(con, Q.save_programmes, [(p.key, p.programme_id, p.revision, p.year, p.issuer_unit_id, p.issuer_path,
                                          p.policy, p.published_at, version) for p, version in programmes.values()])  # fmt: skip


async def save_progress(con: Connection, newest: Mapping[tuple[str, int], datetime]) -> None:
    """Remember the business time of the newest event of each partition."""
    await _save(con, Q.save_progress, [(topic, partition, at) for (topic, partition), at in newest.items()])


def _values(row: PlaceRow | ClassRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.__struct_fields__)


async def _save(con: Connection, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
    columns = [list(c) for c in zip(*sorted(rows, key=lambda r: r[:2]), strict=True)]
    if columns:
        await con.execute(query, *columns)
