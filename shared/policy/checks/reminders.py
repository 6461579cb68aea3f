"""Reminders whose times can't be met, or whose contacts nobody has to name (P100, P101)."""

from collections.abc import Iterator

from shared.policy.common import Duration
from shared.policy.errors import Finding, word
from shared.policy.model import Policy
from shared.policy.reminders import ReminderPlan
from shared.policy.units import KnownUnits

HOURS_A_DAY = 24
OF_UNITS = ("unit_contact", "school_contact", "parent_contact", "institution_contact")


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """Nothing before an event, nothing outside the window, nothing after it is still useful."""
    window = policy.reminders.send_window
    if not window.start <= policy.reminders.default_at <= window.until:
        yield _finding("reminders.default_at", "default_at", "window")
    for plan in policy.reminders.plans:
        yield from _plan(plan, f"reminders.plans[{plan.key}]")
        yield from _audience(policy, plan, f"reminders.plans[{plan.key}].audience")


def _plan(plan: ReminderPlan, path: str) -> Iterator[Finding]:
    for index, offset in enumerate(plan.offsets):
        at = f"{path}.offsets[{index + 1}]"
        if plan.anchor.event and offset.before:
            yield _finding(at, plan.key, "before_event")
        if offset.at_once and not plan.anchor.event:
            yield _finding(at, plan.key, "at_once")
        if offset.after and _useless(plan, offset.after):
            yield _finding(at, plan.key, "useless")
    for index, escalation in enumerate(plan.escalate):
        if escalation.after and _useless(plan, escalation.after):
            yield _finding(f"{path}.escalate[{index + 1}]", plan.key, "useless")


def _audience(policy: Policy, plan: ReminderPlan, path: str) -> Iterator[Finding]:
    """Somebody has to name the contacts: units, the class's staff; an office is named by the plan itself."""
    named = {
        **dict.fromkeys(OF_UNITS, policy.units.contacts.required > 0),
        "class_staff": any(role.per == "class" for role in policy.classes.staff),
    }
    for index, audience in enumerate(plan.audience):
        known = audience.office is not None if audience.to == "office" else named.get(audience.to, True)
        if not known:
            yield Finding("P101", f"{path}[{index + 1}]", {"key": plan.key, "to": audience.to})


def _useless(plan: ReminderPlan, after: Duration) -> bool:
    """True if the offset lies after the latest useful time; only comparable on the same anchor."""
    latest = plan.latest_useful
    if latest.anchor != "itself":
        return False
    limit = _hours(latest.after) if latest.after else -(_hours(latest.before) if latest.before else 0)
    return _hours(after) > limit


def _hours(duration: Duration) -> int:
    return (duration.hours or 0) + HOURS_A_DAY * ((duration.calendar_days or 0) + 7 * (duration.weeks or 0))


def _finding(path: str, key: str, reason: str) -> Finding:
    return Finding("P100", path, {"key": key, "reason": word("reasons", reason)})
