"""How many places a cohort has, in one of five shapes."""

from decimal import Decimal
from typing import Literal

from shared.policy.common import AnnexRef, Key, Noted, StructureRef, UnitCode, UnitListRef


class TreeQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="tree"):
    """Places per unit of the first level, passed down from there; they sum to the total.

    ``synthetic``: total and spread are invented. ``allocation_synthetic``: the total is stated, its spread is not.
    """

    total: int
    allocation: dict[UnitCode, int]
    annex: AnnexRef | None = None
    allocation_synthetic: bool = False


class PerUnitQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="per_unit"):
    """The same number for each unit of a list (K08)."""

    each: int
    list: UnitListRef
    total: int
    annex: AnnexRef | None = None


class Nominations(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """More are named than are taken: ``ratio`` times the pool, rounded up once and not cell by cell (Q13)."""

    ratio: Decimal
    total: int
    allocation: dict[UnitCode, int]
    not_chosen: Literal["no_trace_in_rates_or_record"]
    annex: AnnexRef | None = None
    allocation_synthetic: bool = False


class PoolQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="pool"):
    """One pot, out of which somebody chooses."""

    total: int
    chosen_by: Literal["institution", "first_come", "issuer"]
    nominations: Nominations | None = None


class StructureQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="structure"):
    """Follows from the size of a structure: as many as this part of it holds."""

    structure: StructureRef
    part: Key


class UnstatedQuota(Noted, frozen=True, kw_only=True, omit_defaults=True, tag_field="shape", tag="unstated"):
    """No table yet; places come by amendment or import."""

    annex: AnnexRef | None = None


Quota = TreeQuota | PerUnitQuota | PoolQuota | StructureQuota | UnstatedQuota
