"""The case of a year's notice: who hears that the year is published (D15, D16)."""

from collections.abc import Sequence
from typing import Final

from services.notify.facts.domain import CommissionFact, Programme, UnitFact
from services.notify.planning.domain.case import Anchor, Case
from services.notify.planning.domain.people import contacts, institution
from services.notify.planning.domain.rows import Recipient

INSTITUTION: Final = "institution"
NOTICE: Final = "notice_published"


def programme_case(programme: Programme, told: Sequence[UnitFact], commissions: Sequence[CommissionFact]) -> Case:
    """The notice of a year: publishing the year is publishing its notice, and units need not look for it (D15, D16)."""
    at = programme.published_at
    units = {u.unit_id: u for u in told if u.kind != INSTITUTION}
    carrying = {c.institution_id: (c.institution_path, c.commissioned_at) for c in commissions if c.released_at is None}
    institutions = {u.unit_id: (u.path, at) for u in told if u.kind == INSTITUTION}
    reached = {u: Recipient("unit", u, at, units[u].path, None) for u in units}
    carry = {u: institution(u, *institutions.get(u, carrying.get(u, ("", at)))) for u in {*institutions, *carrying}}
    return Case(
        kind="programme",
        id=programme.programme_id,
        version=1,
        anchors={f"event:{NOTICE}": Anchor(at=at, since=at, template="published", version=1)},
        moments={},
        audiences={
            **contacts(reached, units),
            "institution_contact": tuple(r for u in sorted(carry) for r in carry[u]),
        },
        settled={},
    )
