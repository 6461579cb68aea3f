"""Documents that an institution owes: when each is due, what a file must be, and whether it came in time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec

from services.enrolment.places.domain import Refusal
from shared.events.enrolment import DocumentSubmitted
from shared.policy import Policy
from shared.policy.documents import Document
from shared.policy.lookup import deadline, deadline_due
from shared.policy.moments import accepts, local_day

MAX_BYTES: Final = 20 * 1024 * 1024
SOON_DAYS: Final = 3
MAGIC: Final = {"pdf": b"%PDF-", "xlsx": b"PK\x03\x04"}
MEDIA: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
OF_CLASS: Final = frozenset({"period", "class"})
Anchors = Mapping[str, date]
Standing = Literal["on_time", "late", "overdue", "soon", "not_due", "undated"]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who owes, and for what; ``class_id`` is None for what is owed once per project or institution."""

    programme_id: str
    project: str
    class_id: str | None
    institution_id: str
    institution_path: str


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody hands in; ``head`` are its first bytes."""

    name: str
    head: bytes
    size: int
    sealed: bool


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """Where the file is kept."""

    file_id: str
    sha256: str
    size: int


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was handed in; the mark is that of the first time and never changes."""

    document_id: str
    version: int
    document: str
    due_at: datetime | None
    on_time: bool
    submitted_at: datetime
    first_submitted_at: datetime


def owed(policy: Policy, project: str, cohort: str) -> list[Document]:
    """What an institution owes for a class of this cohort, in the policy's order."""
    return [d for d in policy.documents if d.owed_by == "institution"
            and (not d.projects or project in d.projects) and (not d.cohorts or cohort in d.cohorts)]  # fmt: skip


def anchors(starts_on: date, ends_on: date, elsewhere: date | None) -> dict[str, date]:
    """The days from which due dates are counted; ``elsewhere`` is the last day of the project's other classes."""
    last = max(ends_on, elsewhere or ends_on)
    return {"class_start": starts_on, "class_end": ends_on, "phase_end": ends_on, "project_end": last}


def due_of(document: Document, policy: Policy, days: Anchors) -> datetime | None:
    """The last second at which the document is on time (D04, D05, D10); None when the policy names no day."""
    return deadline_due(policy, document.due, days) if document.due else None


def kinds(document: Document) -> list[str]:
    """The kinds of file that the document may be."""
    return [kind for kind in document.accept if kind in MAGIC]


def media_type(name: str) -> str:
    """The media type of a file that ``refuse_file`` let through."""
    return MEDIA[_extension(name)]


def refuse_file(document: Document, upload: Upload) -> Refusal | None:
    """Why a file can't be taken: wrong kind by name or by content, too large, empty, seal not confirmed (D02)."""
    kind, allowed = _extension(upload.name), kinds(document)
    if kind not in allowed:
        return Refusal(document.key, "document-wrong-kind", {"given": kind or "?", "wanted": " / ".join(allowed)})
    if not upload.head.startswith(MAGIC[kind]):
        return Refusal(document.key, "document-not-what-it-says", {"kind": kind})
    if upload.size > MAX_BYTES:
        return Refusal(document.key, "document-too-large", {"limit": MAX_BYTES // 1024 // 1024})
    if document.sealed and not upload.sealed:
        return Refusal(document.key, "seal-not-confirmed")
    return None


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if stem and dot else ""


def replaced(document: Document, earlier: Sequence[Submission]) -> Submission | None:
    """The submission that one more would replace: none while the policy takes another one."""
    most = document.count.max
    return earlier[-1] if most is not None and len(earlier) >= most else None


def decide_submission(
    document: Document, policy: Policy, due: datetime | None, earlier: Submission | None, now: datetime
) -> tuple[datetime | None, bool] | Refusal:
    """The due date and the mark that a submission gets; a replacement keeps those of the first (late stays late)."""
    if earlier is not None:
        return earlier.due_at, earlier.on_time
    on_time = due is None or accepts(now, due)
    if not on_time and document.due and deadline(policy, document.due).late == "refuse":
        return Refusal(document.key, "document-too-late", {"due": due})
    return due, on_time


def submitted(
    document: str, owner: Owner, policy_key: str, stored: Stored, document_id: str, now: datetime,
    mark: tuple[datetime | None, bool],
) -> DocumentSubmitted:  # fmt: skip
    """The event of a submission."""
    return DocumentSubmitted(
        document_id=document_id,
        document=document,
        programme_id=owner.programme_id,
        policy_key=policy_key,
        project=owner.project,
        class_id=owner.class_id,
        institution_id=owner.institution_id,
        institution_path=owner.institution_path,
        file_id=stored.file_id,
        sha256=stored.sha256,
        size=stored.size,
        submitted_at=now,
        due_at=mark[0],
        on_time=mark[1],
    )


def standing(
    policy: Policy, document: Document, due: datetime | None, handed_in: Sequence[Submission], now: datetime
) -> tuple[Standing, int]:
    """How an obligation stands, and in how many days it is due (or for how many it is overdue)."""
    if handed_in and len(handed_in) >= (document.count.min or 0):
        return ("on_time" if all(s.on_time for s in handed_in) else "late"), 0
    if due is None:
        return "undated", 0
    days = (local_day(due, policy.calendar) - local_day(now, policy.calendar)).days
    if not accepts(now, due):
        return "overdue", -days
    return ("soon" if days <= SOON_DAYS else "not_due"), days
