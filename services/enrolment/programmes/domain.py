"""Publishing a programme year: what still blocks it, and the events that it leads to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from shared.events.base import Names
from shared.events.enrolment import ProgrammePublished, QuotaAllocated
from shared.policy.catalogue import Cohort, Project
from shared.policy.model import Policy
from shared.policy.quota import TreeQuota


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that the policy gives places to, as it stands in the tree."""

    unit_id: str
    code: str
    path: str
    names: Names
    contacts: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A stored, validated policy that is not published yet."""

    programme_id: str
    issuer_unit_id: str
    issuer_path: str
    policy: Policy


def receiving_codes(policy: Policy) -> list[str]:
    """Codes of the units that get places from the issuer itself, and of the issuer."""
    codes = {code for _, cohort in cohorts(policy) for code, places in allocation(cohort).items() if places}
    return sorted(codes | {policy.issuer})


def cohorts(policy: Policy) -> list[tuple[Project, Cohort]]:
    """Every cohort with its project."""
    return [(project, cohort) for project in policy.projects for cohort in project.cohorts]


def allocation(cohort: Cohort) -> Mapping[str, int]:
    """Places by unit code as the policy spreads them; nothing where the table is not stated.

    Of a stated total no invented shares are given away: those places come with the table.
    """
    quota = cohort.quota
    return quota.allocation if isinstance(quota, TreeQuota) and not quota.allocation_synthetic else {}


def without_contact(policy: Policy, receivers: Sequence[Receiver]) -> list[Receiver]:
    """Units that block publishing because nobody there could be told (A10)."""
    if policy.units.contacts.missing != "fail_loudly":
        return []
    return [r for r in receivers if r.contacts < policy.units.contacts.required]


def decide_publish(draft: Draft, now: datetime) -> ProgrammePublished:
    """The event that carries every section of the policy."""
    policy = draft.policy
    return ProgrammePublished(
        programme_id=draft.programme_id,
        key=policy.key,
        revision=policy.revision,
        year=policy.year,
        issuer_unit_id=draft.issuer_unit_id,
        issuer_path=draft.issuer_path,
        sha256=policy.sha256,
        policy=policy.to_dict(),
        published_at=now,
    )


def decide_allocation(draft: Draft, receivers: Mapping[str, Receiver], ids: Iterator[str]) -> list[QuotaAllocated]:
    """The cells of the first level, one per cohort and unit; ``ids`` gives fresh cell ids."""
    return [
        QuotaAllocated(
            cell_id=next(ids),
            parent_cell_id=None,
            programme_id=draft.programme_id,
            policy_key=draft.policy.key,
            project=project.key,
            cohort=cohort.key,
            unit_id=receivers[code].unit_id,
            unit_path=receivers[code].path,
            places=places,
            synthetic=cohort.quota.synthetic,
        )
        for project, cohort in cohorts(draft.policy)
        for code, places in allocation(cohort).items()
        if places
    ]
