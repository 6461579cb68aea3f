"""What a unit holds for a project, and what it handed in for it."""

from typing import Any

import msgspec

from services.enrolment.documents.domain import Owner
from services.enrolment.documents.store import HandedIn, hold_owner
from services.enrolment.papers.domain import Grounds
from shared.db import Connection, load_queries

Q = load_queries(__file__)


async def hold(con: Connection, owner: Owner) -> None:
    """Lock what the unit owes by, in the order of all locks: quota, classes, commission."""
    asked = (owner.programme_id, owner.project, owner.institution_id)
    await con.fetch(Q.hold_cells, *asked)
    await hold_owner(con, owner)
    await con.fetch(Q.hold, *asked)


async def grounds(con: Connection, programme_id: str, project: str, unit_id: str) -> Grounds:
    """Why the unit owes papers for the project."""
    return msgspec.convert(dict(await con.fetchrow(Q.grounds, programme_id, project, unit_id)), Grounds)


async def handed_in(con: Connection, owner: Owner) -> list[HandedIn]:
    """What came for the project, oldest first."""
    rows = await con.fetch(Q.handed_in, owner.programme_id, owner.project, owner.institution_id)
    return [msgspec.convert(dict(r), HandedIn) for r in rows]


async def projects_of(con: Connection, unit_ids: list[str]) -> list[Any]:
    """``(programme id, project)`` of everything that the units may owe papers for."""
    return [(r["programme_id"], r["project"]) for r in await con.fetch(Q.projects_of_unit, unit_ids)]
