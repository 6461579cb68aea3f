"""The facts tables: written in sets from events, read in sets for plans."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct

from services.notify.facts.domain import (
    CellFact,
    ClassFact,
    CommissionFact,
    DateFact,
    DocumentFact,
    EntryFact,
    Known,
    PlaceFact,
    Programme,
    UnitFact,
    changes_everything,
    cleared,
    dates,
    patches,
)
from shared.db import Connection, load_queries
from shared.policy import from_dict

Q = load_queries(__file__)
F = TypeVar("F", bound=Struct)


class Policies:
    """Programme years, decoded once per revision and process."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], Programme] = {}

    async def of(
        self, con: Connection, programmes: Collection[str] = (), keys: Collection[str] = ()
    ) -> Sequence[Programme]:
        """The known ones of these ids or policy keys; one that was never published here is left out."""
        asked = [list(programmes), list(keys)]
        there = [(r["programme_id"], r["revision"]) for r in await con.fetch(Q.revisions, *asked)]
        if any(one not in self._held for one in there):
            for row in await con.fetch(Q.policies, *asked):
                self._held[row["programme_id"], row["revision"]] = _programme(row)
        return [self._held[one] for one in there]


def _programme(row: Mapping[str, Any]) -> Programme:
    return Programme(row["programme_id"], row["key"], row["issuer_unit_id"], row["issuer_path"], row["published_at"],
                     from_dict(row["policy"]))  # fmt: skip


async def write(con: Connection, known: Sequence[Known]) -> None:
    """Add the events to the tables. Planners of a batch that changes everything wait until they are alone."""
    await con.execute(Q.alone if changes_everything(known) else Q.in_line)
    for table, rows in patches(known).items():
        await con.execute(getattr(Q, table), rows)
    gone = cleared(known)
    if any(gone.values()):
        await con.execute(Q.clear_places, gone["dropout_at"], gone["revoked_at"])
    announced = dates(known)
    if announced:
        await con.execute(Q.class_date, announced)


async def classes(con: Connection, ids: Collection[str]) -> dict[str, ClassFact]:
    """``class id -> class``; a class that is only known by other streams is left out."""
    return {c.class_id: c for c in await _facts(con, ClassFact, Q.classes, list(ids))}


async def class_dates(con: Connection, ids: Collection[str]) -> Sequence[DateFact]:
    """Every announced version of the classes' dates."""
    return await _facts(con, DateFact, Q.class_dates, list(ids))


async def places(con: Connection, ids: Collection[str], of_classes: Collection[str]) -> Sequence[PlaceFact]:
    """The places by id, and those of the classes."""
    return await _facts(con, PlaceFact, Q.places, list(ids), list(of_classes))


async def documents(con: Connection, ids: Collection[str], of_classes: Collection[str]) -> Sequence[DocumentFact]:
    """The documents by id, and those of the classes."""
    return await _facts(con, DocumentFact, Q.documents, list(ids), list(of_classes))


async def entries(con: Connection, ids: Collection[str]) -> Sequence[EntryFact]:
    """The ban entries."""
    return await _facts(con, EntryFact, Q.entries, list(ids))


async def cells(con: Connection, ids: Collection[str]) -> Sequence[CellFact]:
    """The quota cells, each with the number selected in its subtree."""
    return await _facts(con, CellFact, Q.cells, list(ids))


async def commissions_of(
    con: Connection, programmes: Collection[str], owners: Collection[str] | None = None
) -> Sequence[CommissionFact]:
    """The commissions of the programmes, of these institutions or of all."""
    asked = None if owners is None else list(owners)
    return await _facts(con, CommissionFact, Q.commissions_of, list(programmes), asked)


async def classes_of(con: Connection, programmes: Collection[str], owners: Collection[str]) -> Sequence[ClassFact]:
    """The classes of the institutions in the programmes."""
    return await _facts(con, ClassFact, Q.classes_of, list(programmes), list(owners))


async def documents_of(con: Connection, programmes: Collection[str], owners: Collection[str]) -> Sequence[DocumentFact]:
    """What the units handed in that belongs to no single class."""
    return await _facts(con, DocumentFact, Q.documents_of, list(programmes), list(owners))


async def cells_of(con: Connection, programmes: Collection[str], owners: Collection[str]) -> Sequence[CellFact]:
    """The units' own cells; how much of them is filled is not counted here."""
    return await _facts(con, CellFact, Q.cells_of, list(programmes), list(owners))


async def units_told(con: Connection, path: str, levels: Collection[str], on: date) -> Sequence[UnitFact]:
    """Units of these levels and institutions in a subtree, valid on a day."""
    return await _facts(con, UnitFact, Q.units_told, path, list(levels), on)


async def units(con: Connection, paths: Collection[str]) -> dict[str, UnitFact]:
    """``unit id -> unit`` for every unit on the paths."""
    ids = {part for path in paths for part in path.split("/") if part}
    return {u.unit_id: u for u in await _facts(con, UnitFact, Q.units, list(ids))}


async def _facts(con: Connection, kind: type[F], statement: str, *arguments: object) -> list[F]:
    return [kind(**dict(row)) for row in await con.fetch(statement, *arguments)]
