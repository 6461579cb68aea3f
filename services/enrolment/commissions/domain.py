"""Who carries a project of a year, and when that ends (D01, D03, M12)."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec

from shared.events.enrolment import ProjectCommissioned, ProjectReleased


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """The project of a year that is given out."""

    programme_id: str
    policy_key: str
    project: str


class Institution(msgspec.Struct, frozen=True):
    """A training institution in the unit tree."""

    unit_id: str
    path: str


class Commission(msgspec.Struct, frozen=True, kw_only=True):
    """An institution that carries a project, or did."""

    commission_id: str
    version: int
    programme_id: str
    policy_key: str
    project: str
    institution_id: str
    institution_path: str
    released_at: datetime | None


def decide_commissions(
    year: Year, institutions: Sequence[Institution], carrying: Collection[str], ids: Iterator[str], now: datetime
) -> list[ProjectCommissioned]:
    """One event for each institution that does not carry the project yet; asking twice changes nothing."""
    wanted = {u.unit_id: u for u in institutions if u.unit_id not in carrying}
    return [
        ProjectCommissioned(commission_id=next(ids), programme_id=year.programme_id, policy_key=year.policy_key,
                            project=year.project, institution_id=unit.unit_id, institution_path=unit.path, commissioned_at=now)
        for unit in wanted.values()
    ]  # fmt: skip


def decide_release(held: Commission, reason: str, now: datetime) -> ProjectReleased | None:
    """The event that ends a commission; None when it has ended."""
    if held.released_at is not None:
        return None
    return ProjectReleased(commission_id=held.commission_id, programme_id=held.programme_id, policy_key=held.policy_key,
                           project=held.project, institution_id=held.institution_id,
                           institution_path=held.institution_path, released_at=now, reason=reason)  # fmt: skip
