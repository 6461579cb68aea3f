"""What a policy says about selecting for one cohort, in the shape that the decision takes."""

from datetime import datetime, timedelta

import msgspec

from services.enrolment.places.domain.selection import Period, Rules
from shared.policy.lookup import cohort, deadlines_for, forms_of, in_person_days, plan_level_of, project_of
from shared.policy.model import Policy
from shared.policy.moments import due_at, is_open, opens_at


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When selecting is possible, both ends included; ``open`` tells for the instant that was asked about."""

    opens: datetime | None
    due: datetime | None
    open: bool


def window(policy: Policy, cohort_key: str, level: str | None, now: datetime) -> Window:
    """The window of the selection deadlines that refuse (D07, D08); where several apply, the narrowest."""
    closing = deadlines_for(policy, "select", project_of(policy, cohort_key).key, level)
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
        conditions=entry.eligibility,
        days=Period(starts_on, starts_on + timedelta(days=days - 1)),
    )
