"""Groups, projects, cohorts and their phases; numbers that the source states (P005, P023, P040, P041, P042, P043)."""

from collections.abc import Iterator

from shared.policy.catalogue import Cohort, Phase, Project
from shared.policy.errors import Finding, Value
from shared.policy.model import Policy
from shared.policy.units import KnownUnits


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """Cohort keys are unique in the file, phases fit their form, trainees have phases."""
    yield from _stated(policy)
    seen: set[str] = set()
    for project in policy.projects:
        yield from _office(policy, project)
        for cohort in project.cohorts:
            path = f"projects[{project.key}].cohorts[{cohort.key}]"
            if cohort.key in seen:
                yield Finding("P005", path, {"value": cohort.key})
            seen.add(cohort.key)
            yield from _phases(policy, project, cohort, path)


def _stated(policy: Policy) -> Iterator[Finding]:
    """Projects of a group, tables of places and compulsory topics are as many as the source says."""
    for group in policy.groups:
        got = sum(project.group == group.key for project in policy.projects)
        if group.expect_projects not in {None, got}:
            values: dict[str, Value] = {"group": group.key, "want": group.expect_projects or 0, "got": got}
            yield Finding("P040", f"groups[{group.key}].expect_projects", values)
    tables = sum(annex.kind == "quota_table" for annex in policy.sources.annexes)
    if policy.sources.expect_quota_tables not in {None, tables}:
        values = {"list": "quota_table", "want": policy.sources.expect_quota_tables or 0, "got": tables}
        yield Finding("P023", "sources.expect_quota_tables", values)
    compulsory = policy.content.compulsory if policy.content else None
    if compulsory and compulsory.expect_count not in {None, len(compulsory.topics)}:
        values = {"list": "topics", "want": compulsory.expect_count or 0, "got": len(compulsory.topics)}
        yield Finding("P023", "content.compulsory.expect_count", values)


def _office(policy: Policy, project: Project) -> Iterator[Finding]:
    serving = [o.key for o in policy.offices if o.serves == "all" or project.key in o.serves]
    if len(serving) != 1:
        yield Finding("P041", f"projects[{project.key}].office", {"project": project.key, "n": len(serving)})


def _phases(policy: Policy, project: Project, cohort: Cohort, path: str) -> Iterator[Finding]:
    if cohort.kind == "trainee" and not cohort.phases and "phases" not in cohort.unstated:
        yield Finding("P043", f"{path}.phases", {"cohort": cohort.key})
    for phase in cohort.phases:
        if not _fits(policy, project, phase):
            yield Finding("P042", f"{path}.phases[{phase.key}]", {"phase": phase.key, "form": phase.form})


def _fits(policy: Policy, project: Project, phase: Phase) -> bool:
    form = next((form for form in policy.forms if form.key == phase.form), None)
    length = project.length.years or 1
    counted = form is None or form.counted_in == phase.amount.unit  # an unknown form is said elsewhere
    return counted and bool(phase.years) and all(1 <= year <= length for year in phase.years)
