"""Numbers and lists with which nobody could ever comply: nothing of anything, one of no possibilities (P044, P045)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from shared.policy.bans import Appeal, BanCause, BanRule
from shared.policy.catalogue import Institutions, Project
from shared.policy.checks.walk import walk
from shared.policy.common import Amount, Count, Duration
from shared.policy.conduct import Cycle, Reserve, Themes
from shared.policy.documents import Document
from shared.policy.eligibility import AgeAtMost, RoleIn, SchoolKindIn, StageIn, SubjectIn, TitleAtLeast
from shared.policy.errors import Finding
from shared.policy.model import Policy
from shared.policy.money import Rate
from shared.policy.participation import Checkin
from shared.policy.reminders import Escalation, Ladder, ReminderPlan
from shared.policy.structures import FromCohort, Number
from shared.policy.tables import Formula, Ranking
from shared.policy.units import KnownUnits

POSITIVE: Final[Mapping[type, tuple[str, ...]]] = {
    Amount: ("days", "hours", "years"),
    Count: ("max",),
    Themes: ("count",),
    Institutions: ("count",),
    Number: ("count",),
    FromCohort: ("per",),
    Cycle: ("years",),
    AgeAtMost: ("years",),
    Formula: ("max",),
    BanRule: ("reply_window",),
    Appeal: ("within", "decide_within"),
    Reserve: ("offer_expires",),
}
FILLED: Final[Mapping[type, tuple[str, ...]]] = {
    Project: ("cohorts",),
    RoleIn: ("roles",),
    SchoolKindIn: ("kinds",),
    StageIn: ("stages",),
    SubjectIn: ("subjects",),
    TitleAtLeast: ("titles",),
    Checkin: ("methods",),
    Document: ("accept",),
    Rate: ("per",),
    Ranking: ("by",),
    Ladder: ("steps",),
    ReminderPlan: ("audience", "offsets"),
    Escalation: ("to",),
    BanRule: ("causes", "cohort_kinds"),
    BanCause: ("evidence",),
}


def check(policy: Policy, _known: KnownUnits | None) -> Iterator[Finding]:
    """What must be more than nothing is, and lists to choose from are not empty."""
    for path, entry in walk(policy):
        yield from _refused("P044", path, entry, POSITIVE, _zero)
        yield from _refused("P045", path, entry, FILLED, _empty)


def _refused(
    code: str, path: str, entry: object, fields: Mapping[type, tuple[str, ...]], wrong: Callable[[Any], bool]
) -> Iterator[Finding]:
    for field in fields.get(type(entry), ()):
        if wrong(getattr(entry, field)):
            yield Finding(code, f"{path}.{field}", {"key": field})


def _zero(value: Any) -> bool:
    """Nothing at all, in whatever unit; what is not written is not nothing."""
    number = value.value if isinstance(value, Duration) else value
    return number is not None and not number


def _empty(value: Any) -> bool:
    return isinstance(value, tuple) and not value
