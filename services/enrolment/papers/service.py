"""Handing in papers of a project, by the institution or the bureau that owes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from services.enrolment.classes.service import Act
from services.enrolment.commissions.service import require_project
from services.enrolment.documents import service as documents
from services.enrolment.documents.domain import Owner, Upload, due_of, standing
from services.enrolment.documents.service import Obligation
from services.enrolment.papers import store
from services.enrolment.papers.domain import Grounds, Holder, anchors, chosen, owed
from services.enrolment.programmes.service import Programme, published
from shared.auth import Principal
from shared.db import Connection
from shared.problems import Problem
from shared.units import Unit, units_by_code

WRITERS: Final = ("institution", "county", "city")
READERS: Final = (*WRITERS, "province", "project_office")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose papers for which project of which year; unit by its code."""

    key: str
    project: str
    unit: str


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's papers for a project."""

    programme: Programme
    unit: Unit
    owner: Owner
    grounds: Grounds

    @property
    def holder(self) -> Holder:
        """The unit as the rules see it."""
        return Holder(self.unit.kind, self.unit.level)


async def shelf(con: Connection, principal: Principal, wanted: Wanted, *roles: str) -> Shelf:
    """Problems: 404 programme-unknown, project-unknown, unit-unknown, out-of-scope; 409 programme-not-published."""
    programme = await published(con, wanted.key)
    require_project(programme, wanted.project)
    unit = (await units_by_code(con, [wanted.unit])).get(wanted.unit)
    if unit is None:
        raise Problem(404, "unit-unknown", unit=wanted.unit)
    principal.require(unit.path, *roles)
    owner = Owner(programme_id=programme.programme_id, project=wanted.project, class_id=None, institution_id=unit.unit_id,
                  institution_path=unit.path)  # fmt: skip
    held = await store.grounds(con, programme.programme_id, wanted.project, unit.unit_id)
    return Shelf(programme=programme, unit=unit, owner=owner, grounds=held)


async def hand_in(act: Act, wanted: Wanted, key: str, upload: Upload, content: bytes) -> dict[str, Any]:
    """Take a paper of a project: its file, and the mark on time or late that never changes.

    Problems: those of ``shelf``; 404 document-not-owed; 422 document-*, seal-not-confirmed.
    """
    found = await shelf(act.con, act.principal, wanted, *WRITERS)
    await store.hold(act.con, found.owner)
    policy = found.programme.policy
    document = chosen(owed(policy, wanted.project, found.holder, found.grounds), key)
    if document is None:
        raise Problem(404, "document-not-owed", document=key)
    due = due_of(document, policy, anchors(found.grounds))
    return await documents.take(act, policy, document, found.owner, due, upload, content)


async def obligations(con: Connection, found: Shelf, now: datetime) -> Sequence[Obligation]:
    """Everything that is owed for the project without a class, in the policy's order."""
    policy, came = found.programme.policy, await store.handed_in(con, found.owner)
    told = []
    for document in owed(policy, found.owner.project, found.holder, found.grounds):
        due = due_of(document, policy, anchors(found.grounds))
        own = [s for s in came if s.document == document.key]
        stands, days = standing(policy, document, due, own, now)
        told.append(Obligation(document=document, due=due, was_due=None, handed_in=own, standing=stands, days=days))
    return told
