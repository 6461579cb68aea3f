"""Inspections and every score they had."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from services.enrolment.inspections.domain import Form, plain
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.base import Names
from shared.events.enrolment import InspectionScored
from shared.outbox import Entry, append

Q = load_queries(__file__)


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection with its present score."""

    inspection_id: str
    version: int
    programme_id: str
    policy_key: str
    project: str
    institution_id: str
    institution_path: str
    score: Decimal
    max: Decimal
    inspected_on: date

    @property
    def form(self) -> Form:
        """The present score as a form."""
        return Form(score=plain(self.score), max=plain(self.max), inspected_on=self.inspected_on)


async def add(con: Connection, context: Context, programme_id: str, event: InspectionScored) -> bool:
    """Write a first score; False where the institution has one of that project and day."""
    added = await con.fetchval(Q.add, event.inspection_id, programme_id, event.policy_key, event.project, event.institution_id,
                               event.institution_path, Decimal(event.score), Decimal(event.max), event.inspected_on)  # fmt: skip
    if added is None:
        return False
    await _told(con, context, event, 1, None)
    return True


async def correct(con: Connection, context: Context, event: InspectionScored, reason: str) -> int:
    """Write a later score of a locked inspection; gives its version."""
    values = (Decimal(event.score), Decimal(event.max), event.inspected_on)
    version: int = await con.fetchval(Q.set_score, event.inspection_id, *values)
    await _told(con, context, event, version, reason)
    return version


async def _told(con: Connection, context: Context, event: InspectionScored, version: int, reason: str | None) -> None:
    await con.execute(Q.add_score, event.inspection_id, version, Decimal(event.score), Decimal(event.max), event.inspected_on,
                      reason, context.actor, context.now)  # fmt: skip
    await append(con, context, [Entry(version, event)])


async def twin(con: Connection, seen: Inspection, day: date) -> bool:
    """Whether another inspection of the same institution and project bears that day."""
    found = await con.fetchval(Q.known, seen.programme_id, seen.project, seen.institution_id, day, seen.inspection_id)
    return found is not None


async def lock(con: Connection, inspection_id: str) -> Inspection | None:
    """The inspection, locked until the transaction ends."""
    row = await con.fetchrow(Q.lock, inspection_id)
    return msgspec.convert(dict(row), Inspection) if row else None


async def find(con: Connection, inspection_id: str) -> dict[str, Any] | None:
    """An inspection with its institution's names."""
    row = await con.fetchrow(Q.find, inspection_id)
    return _shown(row) if row else None


async def scores(con: Connection, inspection_id: str) -> list[dict[str, Any]]:
    """Every score of an inspection, latest first, with the reason of each correction."""
    return [_plain(dict(r)) for r in await con.fetch(Q.scores, inspection_id)]


async def listed(
    con: Connection, paths: Sequence[str], policy_key: str | None, page: int, size: int
) -> tuple[int, list[dict[str, Any]]]:
    """One page of the inspections of institutions under the paths, latest first, and how many there are."""
    rows = await con.fetch(Q.listed, list(paths), policy_key, size, (page - 1) * size)
    return (rows[0]["total"] if rows else 0), [_shown(r) for r in rows]


def _shown(row: Any) -> dict[str, Any]:
    values = _plain(dict(row))
    return {**values, "names": Names(values.pop("name_zh"), values.pop("name_en"))}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "score": plain(values["score"]), "max": plain(values["max"])}
