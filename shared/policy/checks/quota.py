"""Quota trees (P050, P053, P054)."""

from collections.abc import Iterator

from shared.policy.errors import Finding
from shared.policy.model import Policy
from shared.policy.quota import TreeQuota
from shared.policy.units import KnownUnits


def check(policy: Policy, known: KnownUnits | None) -> Iterator[Finding]:
    """Places sum to the total, go to the first level only, and invented numbers say so."""
    for project in policy.projects:
        for cohort in project.cohorts:
            if isinstance(cohort.quota, TreeQuota):
                path = f"projects[{project.key}].cohorts[{cohort.key}].quota"
                yield from _tree(policy, cohort.key, cohort.quota, path)
                yield from _direct(policy, known, cohort.quota, path)


def _tree(policy: Policy, cohort: str, quota: TreeQuota, path: str) -> Iterator[Finding]:
    got = sum(quota.allocation.values())
    if got != quota.total:
        yield Finding("P050", f"{path}.allocation", {"cohort": cohort, "got": got, "want": quota.total})
    at_hand = {annex.key for annex in policy.sources.annexes if annex.at_hand}
    marked = quota.synthetic or quota.allocation_synthetic or policy.policy.invented
    if quota.annex and quota.annex not in at_hand and not marked:
        yield Finding("P054", path, {"cohort": cohort, "annex": quota.annex})


def _direct(policy: Policy, known: KnownUnits | None, quota: TreeQuota, path: str) -> Iterator[Finding]:
    for code in quota.allocation:
        unit = known.units.get(code) if known else None
        if unit and unit.reports_to != policy.issuer:
            yield Finding("P053", f"{path}.allocation.{code}", {"code": code, "root": policy.issuer})
