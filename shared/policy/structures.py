"""Who stands with whom, and how many: studios, teams, schools, pairings."""

from typing import Literal

from msgspec import field

from shared.policy.common import (
    ActivityRef,
    CohortRef,
    Count,
    FormRef,
    Key,
    LevelRef,
    Noted,
    ProjectRef,
    StructureRef,
    Text,
    UnitListRef,
)
from shared.policy.eligibility import Condition


class FromCohort(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One structure for so many people of a cohort (K19)."""

    cohort: CohortRef
    per: int


class Number(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How many there are: in each unit of a list, or in all, as one for so many of a cohort."""

    count: int
    per: UnitListRef | None = None
    each: FromCohort | None = field(name="from", default=None)


class FormedBy(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Which levels pick the members, and who advises them (Q20)."""

    levels: tuple[LevelRef, ...] = ()
    advised_by: Literal["institution"] | None = None
    by: Literal["institution"] | None = None


class Part(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """People of one cohort in one structure."""

    key: Key
    cohort: CohortRef
    count: Count


class Share(Noted, frozen=True, kw_only=True, omit_defaults=True):
    key: Key
    names: Text
    count: Count


class Split(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Counts by a property. Exact ones divide the structures themselves, open ones their members."""

    by: Literal["area", "stage", "head_title"]
    parts: tuple[Share, ...]


class Include(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """At least so many members out of each structure of another kind (K13)."""

    structure: StructureRef
    each: Count


class Pair(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Helper and helped, so many times; ``priority`` orders possible helpers (A15, Q22)."""

    helper: Text
    helped: Text
    count: int
    helped_structure: StructureRef | None = None
    priority: Condition | None = None


class Support(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Help for an organisation; no cohort of persons, no check-in (K15, K16)."""

    form: FormRef
    activities: tuple[ActivityRef, ...]
    expect_activities: int | None = None


class Award(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What becomes of a structure that somebody attests did well (K06)."""

    when: Literal["attested_good_work"]
    names: Text
    named_after: Key
    also: Text | None = None


class Structure(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``number`` null: as many as are formed. ``conditions`` are asked of the structure, not of its people."""

    key: Key
    kind: Literal["studio", "team", "school", "centre", "pairing"]
    project: ProjectRef
    names: Text
    number: Number | None
    place: tuple[Literal["online", "on_site"], ...] = ()
    formed_by: FormedBy | None = None
    conditions: tuple[Condition, ...] = ()
    parts: tuple[Part, ...] = ()
    split: Split | None = None
    includes: tuple[Include, ...] = ()
    pairs: tuple[Pair, ...] = ()
    expect_pairs: int | None = None
    support: Support | None = None
    award: Award | None = None
