"""Documents that were handed in."""

from typing import Any

import msgspec

from services.enrolment.classes.domain import Class
from services.enrolment.documents.domain import Owner, Submission
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events.enrolment import DocumentSubmitted
from shared.outbox import Entry, append

Q = load_queries(__file__)


class HandedIn(Submission, frozen=True, kw_only=True):
    """A submission with its file, as pages show it."""

    file_id: str
    file_name: str
    size: int


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A document as its download needs it."""

    document_id: str
    document: str
    class_id: str | None
    institution_path: str
    file_id: str
    sha256: str
    file_name: str
    media_type: str


async def hold_owner(con: Connection, klass: Class | Owner) -> None:
    """Lock every class of the institution in the project, by id: documents owed once per project are counted here."""
    await con.fetch(Q.hold_owner, klass.programme_id, klass.project, klass.institution_id)


async def earlier(con: Connection, document: str, owner: Owner) -> list[Submission]:
    """What was handed in for one obligation before, oldest first. Hold the owner first."""
    rows = await con.fetch(Q.earlier, document, owner.programme_id, owner.project, owner.institution_id, owner.class_id)
    return [msgspec.convert(dict(r), Submission) for r in rows]


async def handed_in(con: Connection, klass: Class) -> list[HandedIn]:
    """Everything handed in for a class or for its project, oldest first."""
    rows = await con.fetch(Q.handed_in, klass.programme_id, klass.project, klass.institution_id, klass.class_id)
    return [msgspec.convert(dict(r), HandedIn) for r in rows]


async def notices(con: Connection, class_id: str) -> list[HandedIn]:
    """What was handed in for one class, as far as those on its list may read it."""
    return [msgspec.convert(dict(r), HandedIn) for r in await con.fetch(Q.notices, class_id)]


async def find(con: Connection, document_id: str) -> Found | None:
    """One document."""
    row = await con.fetchrow(Q.find_document, document_id)
    return msgspec.convert(dict(row), Found) if row else None


async def save(
    con: Connection, context: Context, event: DocumentSubmitted, replaces: Submission | None, *, sealed: bool
) -> int:
    """Write a submission or its replacement, and its event; gives the stream version."""
    version = await (
        _insert(con, context, event, sealed) if replaces is None else _replace(con, context, event, sealed)
    )
    await append(con, context, [Entry(version, event)])
    return version


async def _insert(con: Connection, context: Context, e: DocumentSubmitted, sealed: bool) -> int:  # noqa: FBT001  (a column)
    row: tuple[Any, ...] = (e.document_id, e.document, e.programme_id, e.policy_key, e.project, e.class_id, e.institution_id,
                            e.institution_path, e.file_id, e.sha256, e.size, sealed, e.submitted_at, context.actor,
                            e.due_at, e.on_time)  # fmt: skip
    await con.execute(Q.insert_document, *row)
    return 1


async def _replace(con: Connection, context: Context, e: DocumentSubmitted, sealed: bool) -> int:  # noqa: FBT001  (a column)
    version: int = await con.fetchval(Q.replace_document, e.document_id, e.file_id, e.sha256, e.size, sealed,
                                      e.submitted_at, context.actor)  # fmt: skip
    return version
