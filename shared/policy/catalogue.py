"""The catalogue: forms, plan levels, groups, projects and their cohorts."""

from typing import Annotated, Literal

from shared.policy.common import (
    ActivityRef,
    Amount,
    FormRef,
    GroupRef,
    Key,
    Noted,
    OfficeRef,
    PlanLevelRef,
    PropertyRef,
    SourceRef,
    Text,
    UnitListRef,
    Words,
    ref,
)
from shared.policy.eligibility import Condition
from shared.policy.quota import Quota


class Form(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What a phase can be. Behaviour hangs on these three properties only."""

    key: Key
    names: Text
    counted_in: Literal["days", "hours", "years"]
    checkin: bool
    away: bool


class PlanLevel(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    names: Text


class Institutions(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How many institutions run a group's projects, and those that the notice names (P06)."""

    count: int
    named: tuple[Annotated[str, ref("organisation")], ...] = ()


class Group(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The field in which a ranking is drawn; it has one plan level."""

    key: Key
    plan_level: PlanLevelRef
    names: Text
    expect_projects: int | None = None
    institutions: Institutions | None = None


class Phase(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the training: a form and an amount, in these years of the project."""

    key: Key
    form: FormRef
    amount: Amount
    bound: Literal["exact", "at_least"] = "exact"
    years: tuple[int, ...] = (1,)
    activities: tuple[ActivityRef, ...] = ()


class Cohort(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of participant. Only trainees stand in quota and rates."""

    key: Key
    kind: Literal["trainee", "participant", "mentor"]
    names: Text
    quota: Quota
    eligibility: tuple[Condition, ...]
    phases: tuple[Phase, ...]
    unstated: tuple[Literal["eligibility", "phases"], ...] = ()


class Tags(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Words that a project is described with; nothing is computed from them (K05)."""

    key: Key
    names: Words


class Project(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``type`` is the same code for the same kind of project over the years; ``units`` limits it to a list.

    ``rural_tilt`` false: the rural share has no meaning here (P05).
    """

    key: Key
    group: GroupRef
    type: Key
    names: Text
    aliases: Words | None = None
    stages: tuple[PropertyRef, ...] = ()
    length: Amount
    office: OfficeRef
    units: UnitListRef | None = None
    standards: tuple[SourceRef, ...] = ()
    rural_tilt: bool = True
    cohorts: tuple[Cohort, ...]
    tags: tuple[Tags, ...] = ()
    texts: dict[str, Text] = {}
