"""What a message needs to know, what may stand in it, and how long it may be."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from string import Formatter
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from services.notify.contacts.domain import Reach, Staff
from shared.events import Names
from shared.policy import Policy
from shared.policy.common import Text
from shared.policy.lookup import UnknownKeyError, document, form, project
from shared.policy.moments import local_day, reply_until, zone

ONE_PART: Final = 70
LONG_PART: Final = 67
LIMITS: Final = {
    "name": 7,
    "klass": 8,
    "place": 10,
    "unit": 12,
    "project": 12,
    "document": 6,
    "scope": 12,
    "owner": 10,
    "papers": 14,
    "programme": 16,
}
DATED: Final = ("training", "time", "checkin", "place", "bring", "staff")
FACTS: Final[Mapping[str, Sequence[str]]] = {
    "opened-person": DATED,
    "start-person": DATED,
    "moved-person": (*DATED, "reason"),
    "rearranged-person": (*DATED, "reason"),
    "cancelled-person": ("training", "reason"),
    "selected-person": ("project",),
    "notchosen-person": ("project",),
    "opened-unit": (*DATED, "people"),
    "start-unit": (*DATED, "people"),
    "moved-unit": (*DATED, "reason", "people"),
    "rearranged-unit": (*DATED, "reason", "people"),
    "cancelled-unit": ("training", "reason", "people"),
    "selected-unit": ("project", "people"),
    "notchosen-unit": ("project", "people"),
    "published-unit": ("programme", "basis"),
    "quota-unit": ("project", "quota", "due"),
    "quota-above": ("owner", "project", "quota", "due"),
    "quotas-unit": ("gaps", "due"),
    "quotas-above": ("gaps", "due"),
    "document-unit": ("training", "due"),
    "document-above": ("owner", "training", "due"),
    "papers-unit": ("project", "papers", "due"),
    "papers-above": ("owner", "project", "papers", "due"),
    "dates-unit": ("project", "due"),
    "dates-above": ("owner", "project", "due"),
    "bulletin-unit": ("programme", "bulletins"),
    "bulletin-above": ("owner", "programme", "bulletins"),
    "finish-unit": ("training", "ends", "due"),
    "finish-above": ("owner", "training", "ends", "due"),
    "results-person": ("training", "papers", "due", "blocks"),
    "receipt-unit": ("training", "project"),
    "proposed-person": ("training",),
    "confirmed-person": ("training", "until"),
    "quashed-person": ("training",),
    "upheld-person": ("training", "until"),
    "lifted-person": ("training",),
    "proposed-unit": ("training", "people"),
    "confirmed-unit": ("training", "people", "until"),
    "quashed-unit": ("training", "people"),
    "upheld-unit": ("training", "people", "until"),
    "lifted-unit": ("training", "people"),
    "appeal-unit": ("training", "people", "due"),
}

ASKS: Final = frozenset({"opened-person", "start-person", "moved-person", "rearranged-person"})


class Klass(Struct, frozen=True):
    """A class as it is announced now."""

    class_id: str
    policy_key: str
    project: str
    name_zh: str
    name_en: str
    address: str
    starts_on: date
    ends_on: date
    checkin_opens_at: datetime
    checkin_closes_at: datetime
    institution_id: str
    cause: str | None
    old_address: str | None
    cohort: str = ""

    @property
    def names(self) -> Names:
        """Its name in both languages."""
        return Names(zh=self.name_zh, en=self.name_en)


class Gap(Struct, frozen=True):
    """One quota that is not filled, and whose it is."""

    owner: Names | None
    project: str
    quota: int
    selected: int


class Scene(Struct, frozen=True, kw_only=True):
    """Everything that one message tells of. ``persons`` are the people of a message to a unit; ``root`` names the top of its tree."""

    now: datetime
    policy: Policy
    template: str
    announced: date | None
    previous: date | None
    reach: Reach
    unit: Names | None = None
    root: Names | None = None
    phone: str | None = None
    project: str | None = None
    klass: Klass | None = None
    document: str | None = None
    received: datetime | None = None
    punctual: bool = True
    unit_in: Names | None = None
    quota: int = 0
    selected: int = 0
    cause: str | None = None
    ranges: Sequence[Mapping[str, Any]] = ()
    persons: Sequence[str] = ()
    count: int = 0
    staff: Sequence[Staff] = ()
    owner: Names | None = None
    papers: Sequence[tuple[str, int]] = ()
    gaps: Sequence[Gap] = ()


def notice(scene: Scene) -> Text | None:
    """What trainees read before they come: the first document of the file that an institution owes for each period (D04)."""
    owed = (d for d in scene.policy.documents if d.owed_by == "institution" and d.per == "period")
    return next((d.names for d in owed if not d.projects or scene.project in d.projects), None)


def plain(scene: Scene) -> dict[str, Any]:
    """The values that are the same in both languages, by the names that texts use."""
    policy, klass = scene.policy, scene.klass
    today = local_day(scene.now, policy.calendar)
    day = scene.announced or (klass.starts_on if klass else today)
    return {
        "name": scene.reach.name,
        "unit": scene.unit,
        "unit_in": scene.unit_in or scene.unit,
        "klass": klass.names if klass else None,
        "training": "" if klass else None,
        "project": project(policy, scene.project).names if scene.project else policy.names,
        "programme": policy.names,
        "document": _document(policy, scene.document),
        "day": day,
        "old": scene.previous or day,
        "by": _by(scene, day),
        "ends": klass.ends_on if klass else None,
        "days": (klass.ends_on - klass.starts_on).days + 1 if klass else 0,
        "opens": klass.checkin_opens_at if klass else None,
        "closes": klass.checkin_closes_at if klass else None,
        "place": klass.address if klass else "",
        "left": (day - today).days,
        "quota": scene.quota,
        "selected": scene.selected,
        "missing": max(scene.quota - scene.selected, 0),
        "count": scene.count,
        "received": scene.received,
        "until": last_day(scene.ranges),
        "owner": scene.owner,
        "number": len(scene.gaps),
    }


def _document(policy: Policy, key: str | None) -> object:
    return document(policy, key).names if key else None


def _by(scene: Scene, day: date) -> date:
    """Until when to answer: the end of the reply window of a proposal, the day before for everything else."""
    if scene.template.startswith("proposed") and scene.policy.ban:
        return local_day(reply_until(scene.now, scene.policy.ban, scene.policy.calendar), scene.policy.calendar)
    return day - timedelta(days=1)


def last_day(ranges: Sequence[Mapping[str, Any]]) -> date | None:
    """The last barred day of a decision."""
    ends = [date.fromisoformat(r["ends_before"]) for r in ranges]
    return max(ends) - timedelta(days=1) if ends else None


def scope(ranges: Sequence[Mapping[str, Any]], policy: Policy) -> tuple[list[Names], list[Names]]:
    """What a decision bars, in the policy's own words: plan levels, and forms."""
    levels = {p.key: p.names for p in policy.plan_levels}
    keys = dict.fromkeys(k for r in ranges for k in r["plan_levels"])
    forms = dict.fromkeys(k for r in ranges for k in r["forms"])
    barred = [levels[k] for k in keys if k in levels], [n for k in forms if (n := _form(policy, k))]
    plans, ways = [[Names(zh=n.zh, en=n.en) for n in names] for names in barred]
    return plans, ways


def _form(policy: Policy, key: str) -> Any:
    try:
        return form(policy, key).names
    except UnknownKeyError:
        return None


def civil(policy: Policy) -> ZoneInfo:
    """The zone in which clock times are told."""
    return zone(policy.calendar)


def cut(name: str, value: str) -> str:
    """A variable within the length that is registered for it; what is cut off shows."""
    limit = LIMITS.get(name)
    return value if limit is None or len(value) <= limit else value[: limit - 1] + "…"


def variables(template: str) -> list[str]:
    """The names of a text's variables, each once, in its order."""
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name))


def parts(text: str) -> int:
    """SMS parts with signature and brackets: one up to 70 characters, above that 67 each."""
    return 1 if len(text) <= ONE_PART else -(-len(text) // LONG_PART)
