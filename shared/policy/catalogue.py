"""The catalogue: forms, plan levels, groups, projects and their cohorts."""

from typing import Annotated, Literal

from shared.policy.common import Amount, FormRef, Key, Noted, OfficeRef, PlanLevelRef, Text, UnitCode, Words, ref
from shared.policy.eligibility import Condition


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


class Group(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The field in which a ranking is drawn; it has one plan level."""

    key: Key
    plan_level: PlanLevelRef
    names: Text


class TreeQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="tree"):
    """Places per unit of the first level, passed down from there; they sum to the total."""

    total: int
    allocation: dict[UnitCode, int]
    annex: Annotated[str, ref("annex")] | None = None
    allocation_synthetic: bool = False


class UnstatedQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="unstated"):
    """No table yet; places come by amendment or import."""


class Phase(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the training: a form and an amount, in these years of the project."""

    key: Key
    form: FormRef
    amount: Amount
    bound: Literal["exact", "at_least"] = "exact"
    years: tuple[int, ...] = (1,)
    activities: tuple[Annotated[str, ref("activity")], ...] = ()


class Cohort(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of participant. Only trainees stand in quota and rates."""

    key: Key
    kind: Literal["trainee", "participant", "mentor"]
    names: Text
    quota: TreeQuota | UnstatedQuota
    eligibility: tuple[Condition, ...]
    phases: tuple[Phase, ...]
    unstated: tuple[Literal["eligibility", "phases"], ...] = ()


class Project(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``type`` is the same code for the same kind of project over the years."""

    key: Key
    group: Annotated[str, ref("group")]
    type: Key
    names: Text
    aliases: Words | None = None
    stages: tuple[str, ...] = ()
    length: Amount
    office: OfficeRef
    standards: tuple[Annotated[str, ref("source")], ...] = ()
    rural_tilt: bool = True
    cohorts: tuple[Cohort, ...]
    texts: dict[str, Text] = {}
