"""The ban rule (P110, P111, P112, P114, warning P113)."""

from collections.abc import Iterator
from datetime import date

from shared.policy.bans import BanRule
from shared.policy.catalogue import Cohort, Project
from shared.policy.errors import Finding
from shared.policy.model import Policy
from shared.policy.moments import ban_days, shift
from shared.policy.units import KnownUnits


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """Force and override agree, evidence can exist, confirmation is fair, days are barred, the scope meets a project."""
    rule = policy.ban
    if rule is None:
        return
    if (rule.force == "in_principle") != (rule.override is not None):
        yield Finding("P110", "ban.force", {"key": rule.key})
    if _asks_for_notice(rule) and not _keeps_proof(policy):
        yield Finding("P111", "ban.causes", {"key": rule.key})
    yield from _confirmation(rule)
    if rule.length.working_days is None and not _bars(rule, policy.units.valid_on):  # P031 has said it of those
        yield Finding("P114", "ban.length", {"key": rule.key})
    if not any(_in_scope(policy, rule, project, cohort) for project in policy.projects for cohort in project.cohorts):
        yield Finding("P113", "ban.scope", {"key": rule.key})


def _asks_for_notice(rule: BanRule) -> bool:
    return any("notice_delivered" in cause.evidence for cause in rule.causes)


def _keeps_proof(policy: Policy) -> bool:
    kept = (plan for plan in policy.reminders.plans if plan.proof == "delivered")
    return any(audience.to == "trainee" for plan in kept for audience in plan.audience)


def _confirmation(rule: BanRule) -> Iterator[Finding]:
    confirmation = rule.confirmation
    if confirmation.persons < 1:
        yield Finding("P112.persons", "ban.confirmation.persons", {})
    if confirmation.not_before != "reply_ends":
        yield Finding("P112", "ban.confirmation.not_before", {"persons": confirmation.persons})
    if len(set(confirmation.offices)) < confirmation.persons:
        yield Finding("P112", "ban.confirmation.offices", {"persons": confirmation.persons})


def _bars(rule: BanRule, start: date) -> bool:
    """A ban that starts on that day lasts beyond it; hours have no day, and no calendar reaches past the year 9999."""
    try:
        lasts = shift(start, rule.length) > start
        first, until = ban_days(start, rule)
    except (ValueError, OverflowError):
        return False
    return lasts and first < until


def _in_scope(policy: Policy, rule: BanRule, project: Project, cohort: Cohort) -> bool:
    levels = {group.plan_level for group in policy.groups if group.key == project.group}
    forms = {phase.form for phase in cohort.phases}
    reached = not levels or bool(levels & {*rule.scope.plan_levels})  # an unknown group is said elsewhere
    return reached and (rule.scope.forms == "all" or bool(forms & {*rule.scope.forms}))
