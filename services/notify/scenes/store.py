"""The facts that messages tell of, for a whole batch."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from services.notify.facts import store as facts
from services.notify.facts.domain import CellFact, Programme, UnitFact
from services.notify.planning.domain import Duty, Held
from services.notify.sending.domain import Claimed
from services.notify.subjects.service import held
from services.notify.wording.domain import Klass
from shared.db import Connection, load_queries

Q = load_queries(__file__)
Record = Mapping[str, Any]


class Known(Struct, frozen=True):
    """By id. ``members`` by class and unit path; ``programmes`` by policy key."""

    classes: Mapping[str, Klass]
    members: Mapping[tuple[str, str], Sequence[str]]
    places: Mapping[str, Record]
    documents: Mapping[str, Record]
    entries: Mapping[str, Record]
    cells: Mapping[str, CellFact]
    units: Mapping[str, UnitFact]
    programmes: Mapping[str, Programme]
    duties: Mapping[Duty, Held]


def _subjects(rows: Sequence[Claimed], kind: str) -> set[str]:
    return {key for r in rows if r.subject_kind == kind for key in (r.subject_id, *r.merged)}


def _paths(rows: Sequence[Claimed]) -> set[str]:
    return {p for r in rows for p in (r.unit_path, r.institution_path) if p}


async def load(con: Connection, rows: Sequence[Claimed], policies: facts.Policies) -> Known:
    """Everything that the rows' messages may need."""
    documents = await _by(con, "document_id", Q.documents, _subjects(rows, "document"))
    entries = await _by(con, "entry_id", Q.entries, _subjects(rows, "entry"))
    wanted = {r.class_id for r in rows if r.class_id} | {d["class_id"] for d in documents.values() if d["class_id"]}
    wanted |= {e["class_id"] for e in entries.values() if e["class_id"]}
    cells = _subjects(rows, "cell")
    quotas = {c.cell_id: c for c in await facts.cells(con, cells)} if cells else {}
    programmes = await policies.of(con, keys={r.policy_key for r in rows})
    return Known(
        classes={r["class_id"]: Klass(**dict(r)) for r in await con.fetch(Q.classes, list(wanted))} if wanted else {},
        members=await _members(con, rows),
        places=await _by(con, "place_id", Q.places, _subjects(rows, "place")),
        documents=documents,
        entries=entries,
        cells=quotas,
        units=await facts.units(con, _paths(rows) | {c.unit_path for c in quotas.values()}),
        programmes={p.key: p for p in programmes},
        duties=await held(con, [Duty.of(key) for key in _subjects(rows, "duty")]),
    )


async def _members(con: Connection, rows: Sequence[Claimed]) -> dict[tuple[str, str], Sequence[str]]:
    pairs = {(r.class_id, r.unit_path) for r in rows if r.subject_kind == "class" and r.recipient_kind == "unit"
             and r.class_id and r.unit_path}  # fmt: skip
    if not pairs:
        return {}
    found = await con.fetch(Q.members, [c for c, _ in pairs], [p for _, p in pairs])
    return {(r["class_id"], r["path"]): r["people"] for r in found}


async def _by(con: Connection, key: str, statement: str, ids: Collection[str]) -> dict[str, Record]:
    return {r[key]: dict(r) for r in await con.fetch(statement, list(ids))} if ids else {}
