"""Conditions of a cohort: named predicates with parameters. A policy never carries code (Q05)."""

from typing import Annotated, Literal

from shared.policy.common import ListRef, Noted, PropertyRef, UnitListRef, ref

Force = Literal["strict", "in_principle", "priority"]
Reference = Literal["class_start"]
RoleRef = Annotated[str, ref("role")]


class Check(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Common to all conditions; empty ``for_roles`` means everybody."""

    force: Force
    for_roles: tuple[RoleRef, ...] = ()

    @property
    def check(self) -> str:
        """The predicate's name."""
        return str(self.__struct_config__.tag)


class AgeAtMost(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="age_at_most"):
    """Full years at the reference day are at most ``years``."""

    years: int
    reference: Reference = "class_start"


class YearsAtLeast(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="years_at_least"):
    """Full years of something at the reference day are at least ``years``."""

    of: Literal["teaching", "teacher_training", "post"]
    years: int
    reference: Reference = "class_start"


class RoleIn(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="role_in"):
    roles: tuple[RoleRef, ...]


class SchoolKindIn(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="school_kind_in"):
    kinds: tuple[PropertyRef, ...]


class SubjectIn(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="subject_in"):
    subjects: tuple[PropertyRef, ...]


class StageIn(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="stage_in"):
    stages: tuple[PropertyRef, ...]


class SchoolIsRural(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="school_is_rural"):
    """The school carries the rural flag."""


class Marked(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="marked"):
    """The person carries the mark."""

    mark: PropertyRef


class TitleAtLeast(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="title_at_least"):
    """Holds one of the titles at that level or higher."""

    level: Literal["county", "city", "province", "national"]
    titles: tuple[PropertyRef, ...]


class OnList(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="on_list"):
    list: ListRef


class UnitOnList(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="unit_on_list"):
    list: UnitListRef


class EmployerOnList(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="employer_on_list"):
    list: ListRef


class Attested(Check, frozen=True, kw_only=True, omit_defaults=True, tag_field="check", tag="attested"):
    """The statement was given by name and time."""

    statement: Annotated[str, ref("statement")]
    by: Literal["selecting_unit", "school", "institution"]


Condition = (
    AgeAtMost
    | YearsAtLeast
    | RoleIn
    | SchoolKindIn
    | SubjectIn
    | StageIn
    | SchoolIsRural
    | Marked
    | TitleAtLeast
    | OnList
    | UnitOnList
    | EmployerOnList
    | Attested
)
