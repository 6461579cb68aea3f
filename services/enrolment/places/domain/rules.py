"""What a policy says about selecting for one cohort, in the shape that the decision takes."""

from datetime import datetime, timedelta

import msgspec

from services.enrolment.conditions.domain import owners
from services.enrolment.places.domain.selection import Period, Rules
from shared.policy.catalogue import Cohort, Project
from shared.policy.eligibility import Condition, UnitOnList
from shared.policy.lookup import cohort, deadlines_for, forms_of, in_person_days, plan_level_of, project_of
from shared.policy.model import Policy
from shared.policy.moments import due_at, is_open, opens_at


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When selecting is possible, both ends included; ``open`` tells for the instant that was asked about."""

    opens: datetime | None
    due: datetime | None
    open: bool


def window(policy: Policy, cohort_key: str, level: str | None, now: datetime, act: str = "select") -> Window:
    """The window of the deadlines that refuse an act (D07, D08); where several apply, the narrowest.

    Nominating is a bureau's way of sending people: without a deadline of its own it closes when selecting does.
    """
    project = project_of(policy, cohort_key).key
    closing = deadlines_for(policy, act, project, level)
    if act == "nominate" and not closing:
        closing = deadlines_for(policy, "select", project, level)
    refusing = [d for d in closing if d.late != "record"]
    opens = [o for d in refusing if d.opens and (o := opens_at(d.opens, {}, policy.calendar))]
    due = [o for d in refusing if (o := due_at(d.due, {}, policy.calendar))]
    return Window(
        opens=max(opens, default=None),
        due=min(due, default=None),
        open=all(is_open(d, now, {}, policy.calendar) for d in refusing),
    )


def rules_of(policy: Policy, programme_id: str, cohort_key: str) -> Rules:
    """The selection rules of a cohort; its class is taken to begin on the day that the calendar names."""
    entry, project = cohort(policy, cohort_key), project_of(policy, cohort_key)
    starts_on = policy.calendar.checks_before_class.date
    days = max(in_person_days(policy, cohort_key), 1)
    return Rules(
        programme_id=programme_id,
        policy_key=policy.key,
        project=project.key,
        cohort=cohort_key,
        cohort_kind=entry.kind,
        plan_level=plan_level_of(policy, project.key),
        forms=[f.key for f in forms_of(policy, cohort_key)],
        conditions=_conditions(entry, project),
        days=Period(starts_on, starts_on + timedelta(days=days - 1)),
        owners=owners(policy, programme_id),
        words=_words(policy),
    )


def _conditions(entry: Cohort, project: Project) -> tuple[Condition, ...]:
    """Those of the cohort; a project that is limited to a list of units takes people of these units only."""
    if project.units is None or any(isinstance(c, UnitOnList) and c.list == project.units for c in entry.eligibility):
        return entry.eligibility
    return (UnitOnList(list=project.units, force="strict"), *entry.eligibility)


def _words(policy: Policy) -> dict[str, dict[str, str]]:
    named = {x.key: x.names for group in (policy.roles, policy.lists, policy.terms.properties) for x in group}
    said = named | {x.key: x.text for x in policy.statements}
    return {key: {"zh": words.zh, "en": words.en} for key, words in said.items()}
