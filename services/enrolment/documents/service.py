"""Handing in documents, and what a class still owes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import msgspec

from services.enrolment.classes.domain import Class
from services.enrolment.classes.service import Act, accepted, own, policy_for, problem, visible
from services.enrolment.classes.store import announced_dates, find_class, last_day_elsewhere
from services.enrolment.documents import store
from services.enrolment.documents.domain import (
    OF_CLASS,
    Owner,
    Standing,
    Stored,
    Submission,
    Upload,
    anchors,
    decide_submission,
    due_of,
    kinds,
    media_type,
    owed,
    refuse_file,
    replaced,
    standing,
    submitted,
)
from services.enrolment.documents.store import Found
from services.enrolment.places.domain import Refusal
from shared.auth import Principal
from shared.db import Connection
from shared.files import FILES
from shared.policy import Policy
from shared.policy.documents import Document
from shared.policy.lookup import deadline
from shared.policy.moments import accepts
from shared.problems import Problem


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """One document that a class owes: until when, since when it was another day, what came, how it stands."""

    document: Document
    due: datetime | None
    was_due: datetime | None
    handed_in: Sequence[Submission]
    standing: Standing
    days: int

    @property
    def waiting(self) -> bool:
        """Whether something is still to come."""
        return self.standing not in {"on_time", "late"}

    @property
    def by_file(self) -> bool:
        """Whether it is a file that is handed in here."""
        return bool(kinds(self.document))

    @property
    def of_class(self) -> bool:
        """Whether it is this class's own, not its project's."""
        return self.document.per in OF_CLASS

    @property
    def open(self) -> bool:
        """Whether a file is still to be handed in."""
        return self.waiting and self.by_file


async def hand_in(act: Act, class_id: str, key: str, upload: Upload, content: bytes) -> dict[str, Any]:
    """Take a document of a class: its file, and the mark on time or late that never changes (D02, D04, D05)."""
    await own(act, class_id, find_class)
    klass = await own(act, class_id, _held)
    policy = await policy_for(act, klass)
    document = _owed(act, policy, klass, key)
    due = due_of(document, policy, anchors(klass.starts_on, klass.ends_on, await last_day_elsewhere(act.con, klass)))
    return await take(act, policy, document, _owner(document, klass), due, upload, content)


async def take(
    act: Act, policy: Policy, document: Document, owner: Owner, due: datetime | None, upload: Upload, content: bytes
) -> dict[str, Any]:
    """Take a file for what its owner owes; hold the owner first. Problems: 422 document-*, seal-not-confirmed."""
    key, now = document.key, act.context.now
    if refusal := refuse_file(document, upload):
        raise problem(act.texts, [refusal], 422)
    earlier = replaced(document, await store.earlier(act.con, key, owner))
    mark = accepted(act, decide_submission(document, policy, due, earlier, now))
    kept = await FILES.put(act.con, upload.name, media_type(upload.name), content, now)
    stored = Stored(file_id=kept.file_id, sha256=kept.sha256, size=kept.size)
    document_id = earlier.document_id if earlier else str(uuid4())
    event = submitted(key, owner, policy.key, stored, document_id, now, mark)
    context = act.context.with_policy(policy.version)
    version = await store.save(act.con, context, event, earlier, sealed=upload.sealed)
    return {"document_id": document_id, "version": version, "document": key, "submitted_at": now, "due_at": event.due_at,
            "on_time": event.on_time, "sha256": event.sha256, "size": event.size}  # fmt: skip


async def obligations(con: Connection, policy: Policy, klass: Class, now: datetime) -> list[Obligation]:
    """Everything that the institution owes for a class, in the policy's order."""
    announced = await announced_dates(con, klass.class_id)
    elsewhere = await last_day_elsewhere(con, klass)
    days = anchors(klass.starts_on, klass.ends_on, elsewhere)
    before = anchors(announced[-2].starts_on, announced[-2].ends_on, elsewhere) if len(announced) > 1 else days
    came = await store.handed_in(con, klass)
    return [
        _obligation(policy, document, (due_of(document, policy, days), due_of(document, policy, before)),
                    _came(document, policy, came, announced[0].announced_at), now)
        for document in owed(policy, klass.project, klass.cohort)
    ]  # fmt: skip


async def shifted(
    con: Connection, policy: Policy, klass: Class, starts_on: date, ends_on: date
) -> list[tuple[Document, datetime, datetime]]:
    """The documents whose due date a move would change: the document, its due date now, and the new one."""
    elsewhere = await last_day_elsewhere(con, klass)
    old, new = anchors(klass.starts_on, klass.ends_on, elsewhere), anchors(starts_on, ends_on, elsewhere)
    dues = [(d, due_of(d, policy, old), due_of(d, policy, new)) for d in owed(policy, klass.project, klass.cohort)]
    return [(d, was, due) for d, was, due in dues if was is not None and due is not None and was != due]


async def readable(con: Connection, principal: Principal, document_id: str) -> Found:
    """A document whose file the principal may read: that of a class in scope, or the institution's superiors'."""
    found = await store.find(con, document_id)
    if found is None:
        raise Problem(404, "out-of-scope")
    if found.class_id is None:
        principal.require(found.institution_path)
    else:
        await visible(con, principal, found.class_id)
    return found


def _obligation(
    policy: Policy,
    document: Document,
    dues: tuple[datetime | None, datetime | None],
    came: Sequence[Submission],
    now: datetime,
) -> Obligation:
    due, before = dues
    stands, days = standing(policy, document, due, came, now)
    return Obligation(document=document, due=due, was_due=before if before != due else None, handed_in=came,
                      standing=stands, days=days)  # fmt: skip


def _came(
    document: Document, policy: Policy, handed_in: Sequence[Submission], scheduled_at: datetime
) -> Sequence[Submission]:
    """What was handed in; the class start date is handed in by scheduling the class (D03)."""
    is_start = document.due is not None and deadline(policy, document.due).act == "announce_class_start"
    if not is_start:
        return [s for s in handed_in if s.document == document.key]
    due = due_of(document, policy, {})
    on_time = due is None or accepts(scheduled_at, due)
    return [Submission(document_id="", version=1, document=document.key, due_at=due, on_time=on_time,
                       submitted_at=scheduled_at, first_submitted_at=scheduled_at)]  # fmt: skip


async def _held(con: Connection, class_id: str) -> Class | None:
    """The class, after every class of its institution's project was locked."""
    klass = await find_class(con, class_id)
    if klass is not None:
        await store.hold_owner(con, klass)
    return await find_class(con, class_id)


def _owed(act: Act, policy: Policy, klass: Class, key: str) -> Document:
    if klass.status == "cancelled":
        raise problem(act.texts, [Refusal(klass.class_id, "class-is-closed", {"status": [klass.status]})])
    found = [d for d in owed(policy, klass.project, klass.cohort) if d.key == key and kinds(d)]
    if not found:
        raise Problem(404, "document-not-owed", document=key)
    return found[0]


def _owner(document: Document, klass: Class) -> Owner:
    return Owner(
        programme_id=klass.programme_id,
        project=klass.project,
        class_id=klass.class_id if document.per in OF_CLASS else None,
        institution_id=klass.institution_id,
        institution_path=klass.institution_path,
    )
