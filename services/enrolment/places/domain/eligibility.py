"""The conditions of a cohort, checked against what is known of a person (Q05, Q11, Q12, Q15)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from shared.policy.eligibility import (
    AgeAtMost,
    Attested,
    Check,
    Condition,
    EmployerOnList,
    Marked,
    OnList,
    RoleIn,
    SchoolIsRural,
    SchoolKindIn,
    StageIn,
    UnitOnList,
    YearsAtLeast,
)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the conditions ask of a person and of the school. ``lists`` says yes or no for each list that is on record."""

    born_on: date
    teaching_since: date | None = None
    trainer_since: date | None = None
    marks: list[str] = []
    roles: list[str] = []
    school_kind: str | None = None
    rural: bool = False
    stages: list[str] = []
    attested: list[str] = []
    lists: dict[str, bool] = {}


class Finding(msgspec.Struct, frozen=True):
    """A condition that is not met. ``name`` is that of the predicate, the same in every policy."""

    name: str
    force: str
    code: str
    vars: dict[str, Any] = {}


Answer = dict[str, Any] | None
"""None: the condition is met. A mapping: it is not, and these are the values its words need."""


def full_years(since: date, on: date) -> int:
    """Completed years; someone born on 29 February completes a year on 1 March where the day is missing."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def _age(c: AgeAtMost, f: Facts, on: date) -> Answer:
    age = full_years(f.born_on, on)
    return None if age <= c.years else {"age": age, "limit": c.years}


def _years(c: YearsAtLeast, f: Facts, on: date) -> Answer:
    since = {"teaching": f.teaching_since, "teacher_training": f.trainer_since}.get(c.of)
    if since is None:
        return {"years": "—", "limit": c.years}
    years = full_years(since, on)
    return None if years >= c.years else {"years": years, "limit": c.years}


def _school_kind(c: SchoolKindIn, f: Facts, _: date) -> Answer:
    return None if f.school_kind in c.kinds else {"school_kinds": list(c.kinds)}


def _rural(_: SchoolIsRural, f: Facts, __: date) -> Answer:
    return None if f.rural else {}


def _marked(c: Marked, f: Facts, _: date) -> Answer:
    return None if c.mark in f.marks else {"marks": [c.mark]}


def _role(c: RoleIn, f: Facts, _: date) -> Answer:
    return None if set(c.roles) & set(f.roles) else {"roles": list(c.roles)}


def _stage(c: StageIn, f: Facts, _: date) -> Answer:
    return None if set(c.stages) & set(f.stages) else {"stages": list(c.stages)}


def _attested(c: Attested, f: Facts, _: date) -> Answer:
    return None if c.statement in f.attested else {"statements": [c.statement]}


def _listed(c: OnList | UnitOnList | EmployerOnList, f: Facts, _: date) -> Answer:
    return None if f.lists.get(c.list) else {"list": c.list}


_CHECKS: Final[Mapping[type[Check], Callable[[Any, Facts, date], Answer]]] = {
    AgeAtMost: _age,
    YearsAtLeast: _years,
    SchoolKindIn: _school_kind,
    SchoolIsRural: _rural,
    Marked: _marked,
    RoleIn: _role,
    StageIn: _stage,
    Attested: _attested,
    OnList: _listed,
    UnitOnList: _listed,
    EmployerOnList: _listed,
}


def findings(conditions: Sequence[Condition], facts: Facts, on: date) -> list[Finding]:
    """The conditions that the person does not meet on the reference day; bounds are inclusive.

    A condition on something that is not recorded about people is a finding too: the answer is never a guess.
    """
    found = [_finding(c, facts, on) for c in conditions if not c.for_roles or set(c.for_roles) & set(facts.roles)]
    return [f for f in found if f is not None]


def _finding(condition: Condition, facts: Facts, on: date) -> Finding | None:
    check = _CHECKS.get(type(condition))
    if check is None:
        return Finding(condition.check, condition.force, "condition-not-recorded", {"conditions": [condition.check]})
    answer = check(condition, facts, on)
    if answer is None:
        return None
    return Finding(condition.check, condition.force, _known(condition, facts) or code_of(condition), answer)


def _known(condition: Condition, facts: Facts) -> str | None:
    """Whether somebody is on a list that nobody imported is not known."""
    if isinstance(condition, OnList | UnitOnList | EmployerOnList) and condition.list not in facts.lists:
        return "condition-list-missing"
    return None


def code_of(condition: Condition) -> str:
    """The problem code of a condition that is not met; years of training teachers are not years of teaching."""
    if isinstance(condition, YearsAtLeast) and condition.of == "teacher_training":
        return "condition-years-of-training"
    return "condition-" + condition.check.replace("_", "-")
