"""Papers that belong to no single class: of an institution for its project, of a bureau for a project (D01, Q25)."""

from collections.abc import Sequence
from datetime import date

import msgspec

from services.enrolment.documents.domain import kinds
from shared.policy import Policy
from shared.policy.documents import Document

OF_PROJECT = frozenset({"project", "institution"})


class Holder(msgspec.Struct, frozen=True):
    """The unit that may owe something."""

    kind: str
    level: str | None


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """Why a unit owes papers for a project: it carries it, it has places in it; ``ends_on`` is the last day of its classes."""

    commissioned: bool
    has_places: bool
    ends_on: date | None


def owed(policy: Policy, project: str, unit: Holder, grounds: Grounds) -> list[Document]:
    """What the unit hands in for the project, in the policy's order; what is no file is told by other means (D03)."""
    mine = [d for d in policy.documents if not d.projects or project in d.projects]
    return [d for d in mine if kinds(d) and (_of_institution(d, unit, grounds) or _of_bureau(d, unit, grounds))]


def _of_institution(document: Document, unit: Holder, grounds: Grounds) -> bool:
    carries = unit.kind == "institution" and (grounds.commissioned or grounds.ends_on is not None)
    return carries and document.owed_by == "institution" and document.per in OF_PROJECT


def _of_bureau(document: Document, unit: Holder, grounds: Grounds) -> bool:
    wanted = document.owed_by == "unit" and document.per == "unit_and_project" and unit.level in document.levels
    return wanted and grounds.has_places


def anchors(grounds: Grounds) -> dict[str, date]:
    """The days from which due dates are counted; none as long as no class is scheduled."""
    return {"project_end": grounds.ends_on} if grounds.ends_on else {}


def chosen(documents: Sequence[Document], key: str) -> Document | None:
    """The document of that key."""
    return next((d for d in documents if d.key == key), None)
