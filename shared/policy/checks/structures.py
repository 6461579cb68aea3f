"""Structures: their parts add up, and none depends on itself (P060, P061)."""

from collections.abc import Callable, Iterator

from shared.policy.catalogue import Cohort
from shared.policy.common import Count
from shared.policy.errors import Finding, Value, word
from shared.policy.model import Policy
from shared.policy.quota import PerUnitQuota, PoolQuota, StructureQuota, TreeQuota
from shared.policy.structures import Structure
from shared.policy.units import KnownUnits

Structures = dict[str, Structure]
Cohorts = dict[str, Cohort]


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """Splits, parts, pairs, modes of support, and what follows from what."""
    structures = {entry.key: entry for entry in policy.structures}
    cohorts = {cohort.key: cohort for project in policy.projects for cohort in project.cohorts}
    for entry in policy.structures:
        for part in _PARTS:
            yield from part(entry, structures, cohorts)
    yield from _quotas(policy, structures)


def _differs(entry: Structure, at: str, got: int, want: int, *, most: bool = False) -> Iterator[Finding]:
    if got > want if most else got != want:
        values: dict[str, Value] = {"structure": entry.key, "got": got, "want": want}
        yield Finding("P060.most" if most else "P060", f"structures[{entry.key}].{at}", values)


def _exact(count: Count) -> bool:
    return count.min == count.max


def _size(entry: Structure) -> int:
    return sum(part.count.max or 0 for part in entry.parts)


def _split(entry: Structure, _structures: Structures, _cohorts: Cohorts) -> Iterator[Finding]:
    """Exact shares divide the structures of a unit; open ones fit into the members."""
    if entry.split is None:
        return
    got = sum(share.count.min or 0 for share in entry.split.parts)
    if all(_exact(share.count) for share in entry.split.parts):
        yield from _differs(entry, "split.parts", got, entry.number.count if entry.number else 0)
    else:
        yield from _differs(entry, "split.parts", got, _size(entry), most=True)


def _includes(entry: Structure, structures: Structures, _cohorts: Cohorts) -> Iterator[Finding]:
    """What is taken from other structures fits into the members (K13)."""
    numbers = [(include, structures[include.structure].number) for include in entry.includes
               if include.structure in structures]  # fmt: skip
    got = sum((include.each.min or 0) * (number.count if number else 0) for include, number in numbers)
    yield from _differs(entry, "includes", got, _size(entry), most=True)


def _pairs(entry: Structure, structures: Structures, _cohorts: Cohorts) -> Iterator[Finding]:
    if entry.expect_pairs is not None:
        yield from _differs(entry, "pairs", sum(pair.count for pair in entry.pairs), entry.expect_pairs)
    for index, pair in enumerate(entry.pairs):
        helped = structures.get(pair.helped_structure or "")
        if helped and helped.number:
            yield from _differs(entry, f"pairs[{index + 1}].count", pair.count, helped.number.count)


def _support(entry: Structure, _structures: Structures, _cohorts: Cohorts) -> Iterator[Finding]:
    support = entry.support
    if support and support.expect_activities is not None:
        yield from _differs(entry, "support.activities", len(support.activities), support.expect_activities)


def _members(entry: Structure, _structures: Structures, cohorts: Cohorts) -> Iterator[Finding]:
    """A part is as large as its cohort's places say."""
    for part in entry.parts:
        quota = cohorts[part.cohort].quota if part.cohort in cohorts else None
        at = f"parts[{part.key}].count"
        number = entry.number
        if isinstance(quota, PerUnitQuota) and number and number.per == quota.list:
            yield from _differs(entry, at, (part.count.min or 0) * number.count, quota.each)
        elif isinstance(quota, PoolQuota | TreeQuota) and number and number.each and number.each.cohort == part.cohort:
            yield from _differs(entry, at, part.count.min or 0, number.each.per)
            yield from _differs(entry, "number", number.count * number.each.per, quota.total)


def _circle(entry: Structure, structures: Structures, cohorts: Cohorts) -> Iterator[Finding]:
    """A structure whose number follows from a cohort whose places follow from that structure."""
    seen: set[str] = set()
    step: Structure | None = entry
    while step and step.number and step.number.each and step.key not in seen:
        seen.add(step.key)
        cohort = cohorts.get(step.number.each.cohort)
        quota = cohort.quota if cohort else None
        step = structures.get(quota.structure) if isinstance(quota, StructureQuota) else None
    if step and step.key == entry.key and seen:
        yield Finding("P061", f"structures[{entry.key}].number", {"structure": entry.key})


def _quotas(policy: Policy, structures: Structures) -> Iterator[Finding]:
    """The part that a cohort's places follow from exists."""
    for project in policy.projects:
        for cohort in project.cohorts:
            quota = cohort.quota
            if not isinstance(quota, StructureQuota) or quota.structure not in structures:
                continue
            parts = [part.key for part in structures[quota.structure].parts]
            if quota.part not in parts:
                path = f"projects[{project.key}].cohorts[{cohort.key}].quota.part"
                values: dict[str, Value] = {
                    "what": word("things", "part"),
                    "key": quota.part,
                    "known": ", ".join(parts),
                }
                yield Finding("P008", path, values)


_PARTS: tuple[Callable[[Structure, Structures, Cohorts], Iterator[Finding]], ...] = (
    _split,
    _includes,
    _pairs,
    _support,
    _members,
    _circle,
)
