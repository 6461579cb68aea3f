"""Places: they sum up, go to the first level, and invented ones say so (P050, P051, P052, P053, P054)."""

from collections.abc import Iterator
from decimal import ROUND_CEILING

from shared.policy.amounts import members
from shared.policy.errors import Finding, Value
from shared.policy.model import Policy
from shared.policy.quota import Nominations, PerUnitQuota, PoolQuota, TreeQuota
from shared.policy.units import KnownUnits


def check(policy: Policy, known: KnownUnits | None) -> Iterator[Finding]:
    """Each cohort's quota by its shape."""
    for project in policy.projects:
        for cohort in project.cohorts:
            path, quota = f"projects[{project.key}].cohorts[{cohort.key}].quota", cohort.quota
            if isinstance(quota, TreeQuota):
                yield from _spread(policy, known, cohort.key, quota, path)
            elif isinstance(quota, PerUnitQuota):
                yield from _per_unit(known, quota, path)
            elif isinstance(quota, PoolQuota) and quota.nominations:
                yield from _ratio(quota, quota.nominations, path)
                yield from _spread(policy, known, cohort.key, quota.nominations, f"{path}.nominations")


def _spread(
    policy: Policy, known: KnownUnits | None, cohort: str, spread: TreeQuota | Nominations, path: str
) -> Iterator[Finding]:
    got = sum(spread.allocation.values())
    if got != spread.total:
        yield Finding("P050", f"{path}.allocation", {"cohort": cohort, "got": got, "want": spread.total})
    at_hand = {annex.key for annex in policy.sources.annexes if annex.at_hand}
    marked = spread.synthetic or spread.allocation_synthetic or policy.policy.invented
    if spread.annex and spread.annex not in at_hand and not marked:
        yield Finding("P054", path, {"cohort": cohort, "annex": spread.annex})
    for code in spread.allocation:
        unit = known.units.get(code) if known else None
        if unit and unit.reports_to != policy.issuer:
            yield Finding("P053", f"{path}.allocation.{code}", {"code": code, "root": policy.issuer})


def _per_unit(known: KnownUnits | None, quota: PerUnitQuota, path: str) -> Iterator[Finding]:
    units = members(known, quota.list)
    if units is not None and quota.each * units != quota.total:
        yield Finding("P051", f"{path}.total", {"each": quota.each, "n": units, "want": quota.total})


def _ratio(quota: PoolQuota, nominations: Nominations, path: str) -> Iterator[Finding]:
    """The ratio holds for the total and is rounded up once (Q13)."""
    want = int((quota.total * nominations.ratio).to_integral_value(ROUND_CEILING))
    if nominations.total != want:
        values: dict[str, Value] = {"ratio": str(nominations.ratio), "want": want, "got": nominations.total}
        yield Finding("P052", f"{path}.nominations.total", values)
