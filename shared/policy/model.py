"""The policy of a programme year as one tree."""

from datetime import date
from typing import Any, Literal

import msgspec

from shared.policy.bans import BanRule, Integrity
from shared.policy.bulletins import Bulletin, Trends
from shared.policy.catalogue import Form, Group, PlanLevel, Project
from shared.policy.common import Key, Noted, Text, UnitCode
from shared.policy.conduct import Classes, QuotaRules, Repeat, Selection
from shared.policy.content import Content, FollowUp, Survey
from shared.policy.dates import Calendar, Deadline
from shared.policy.documents import Document
from shared.policy.money import Money
from shared.policy.participation import Participation
from shared.policy.reminders import Reminders
from shared.policy.sources import Organisation, PersonList, Saying, Sources, Statement, Term, Terms
from shared.policy.structures import Structure
from shared.policy.tables import Formula, Ranking, TableRules
from shared.policy.units import Office, UnitsSection


class Amends(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The revision that this file replaces as a whole."""

    revision: int
    effective_from: date
    reason: str


class PolicyHead(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    revision: int
    year: int
    issuer: UnitCode
    amends: Amends | None
    names: Text


class Policy(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """All sections of a policy file; ``sha256`` is that of its text.

    The sections with a default came later than the first published years, which must stay readable.
    """

    format: Literal["shipei-policy/1"]
    policy: PolicyHead
    sources: Sources
    units: UnitsSection
    offices: tuple[Office, ...]
    lists: tuple[PersonList, ...]
    calendar: Calendar
    deadlines: tuple[Deadline, ...]
    forms: tuple[Form, ...]
    activities: tuple[Term, ...]
    roles: tuple[Term, ...]
    plan_levels: tuple[PlanLevel, ...]
    groups: tuple[Group, ...]
    projects: tuple[Project, ...]
    quota: QuotaRules
    selection: Selection
    repeat: Repeat
    classes: Classes
    participation: Participation
    documents: tuple[Document, ...]
    formulas: tuple[Formula, ...]
    rankings: tuple[Ranking, ...]
    table_rules: TableRules
    reminders: Reminders
    integrity: Integrity
    ban: BanRule | None
    statements: tuple[Statement, ...]
    terms: Terms = Terms()
    organisations: tuple[Organisation, ...] = ()
    structures: tuple[Structure, ...] = ()
    content: Content | None = None
    followup: FollowUp | None = None
    survey: Survey | None = None
    money: Money | None = None
    bulletins: tuple[Bulletin, ...] = ()
    trends: Trends | None = None
    texts: tuple[Saying, ...] = ()
    sha256: str = ""

    @property
    def key(self) -> str:
        """The policy's key, such as ``henan-2021``."""
        return self.policy.key

    @property
    def revision(self) -> int:
        """Counts from 1."""
        return self.policy.revision

    @property
    def year(self) -> int:
        """The programme year."""
        return self.policy.year

    @property
    def issuer(self) -> str:
        """Code of the issuing unit."""
        return self.policy.issuer

    @property
    def names(self) -> Text:
        """The programme's name."""
        return self.policy.names

    @property
    def version(self) -> str:
        """Key and revision, as events carry them."""
        return f"{self.key}@{self.revision}"

    def to_dict(self) -> dict[str, Any]:
        """The whole tree as JSON values; the inverse of ``from_dict``."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


def from_dict(policy: dict[str, Any]) -> Policy:
    """The tree out of an event's ``policy``; raises msgspec.ValidationError where it isn't one."""
    return msgspec.convert(policy, Policy)
