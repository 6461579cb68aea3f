"""The quota table of a cohort: what its issuer may hand out to the first units, by the shape that the policy gives it (Q01)."""

from collections.abc import Sequence

import msgspec

from services.enrolment.quota.domain import Cell, Grant, Mistake, decide_pass_down, new_total
from shared.events.base import Names
from shared.events.enrolment import QuotaAllocated
from shared.policy.lookup import cohort, structure
from shared.policy.model import Policy
from shared.policy.quota import PerUnitQuota, PoolQuota, StructureQuota, TreeQuota


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy says about handing out.

    ``total`` None: the source states none, the issuer's own table does. ``each`` and ``list``: every unit of the list gets
    exactly so many. ``proposed`` are the policy's own numbers by unit code; ``synthetic``: they are invented.
    """

    total: int | None = None
    each: int | None = None
    list: str | None = None
    proposed: dict[str, int] = {}
    synthetic: bool = False


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """The unit that hands out, and for which cohort of which year."""

    programme_id: str
    policy_key: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    unit: Names


def table_of(policy: Policy, cohort_key: str) -> Table | None:
    """The table of a cohort; None where people are nominated for a pot instead.

    A stated total whose spread is invented is not handed out by publishing: the issuer does it, with the policy's numbers
    (which stay marked) or with those of the real table.
    """
    quota = cohort(policy, cohort_key).quota
    if isinstance(quota, PoolQuota):
        return None
    if isinstance(quota, TreeQuota):
        invented = quota.synthetic or quota.allocation_synthetic
        return Table(total=quota.total, proposed=dict(quota.allocation), synthetic=invented)
    if isinstance(quota, PerUnitQuota):
        return Table(total=quota.total, each=quota.each, list=quota.list, synthetic=quota.synthetic)
    return _of_structure(policy, quota) if isinstance(quota, StructureQuota) else Table()


def _of_structure(policy: Policy, quota: StructureQuota) -> Table:
    """As many as the part holds in all structures of a unit; where their number is free, the issuer says."""
    built = structure(policy, quota.structure)
    part = next(p for p in built.parts if p.key == quota.part)
    if built.number is None or built.number.per is None or part.count.min is None or part.count.min != part.count.max:
        return Table()
    return Table(each=built.number.count * part.count.min, list=built.number.per)


def proposal(table: Table, members: Sequence[str]) -> dict[str, int]:
    """The policy's own numbers; ``members`` are the units of the table's list."""
    return dict.fromkeys(members, table.each) if table.each is not None else dict(table.proposed)


def decide_table(
    issuer: Issuer, table: Table, cells: Sequence[Cell], grants: Sequence[Grant], *, synthetic: bool
) -> list[QuotaAllocated] | list[Mistake]:
    """New totals for the first units; ``cells`` are all that exist there, locked. All mistakes are told at once."""
    wrong = [m for g in grants if (m := _not_each(table, g))]
    decision = decide_pass_down(_whole(issuer, table, cells, grants, synthetic=synthetic), cells, grants)
    mistakes = wrong + [d for d in decision if isinstance(d, Mistake)]
    if mistakes:
        return mistakes
    told = [d for d in decision if isinstance(d, QuotaAllocated)]
    told += [new_total(g.child.cell, None, g) for g in _confirmed(grants, synthetic=synthetic) if g.child.cell]
    return [msgspec.structs.replace(d, parent_cell_id=None, synthetic=synthetic) for d in told]


def _confirmed(grants: Sequence[Grant], *, synthetic: bool) -> list[Grant]:
    """Numbers that stay and are now known to be those of the real table."""
    return [g for g in grants if not synthetic and (c := g.child.cell) and c.synthetic and c.places == g.places]


def _not_each(table: Table, grant: Grant) -> Mistake | None:
    if table.each is None or grant.places in {0, table.each}:
        return None
    numbers = {"each": table.each, "places": grant.places}
    return Mistake("quota-not-each", grant.child.unit, numbers, grant.child.unit_id)


def _whole(issuer: Issuer, table: Table, cells: Sequence[Cell], grants: Sequence[Grant], *, synthetic: bool) -> Cell:
    """The table as if it were the issuer's cell; without a stated total it holds what is asked for."""
    asked = {c.unit_id: c.places for c in cells} | {g.child.unit_id: g.places for g in grants}
    places = sum(asked.values()) if table.total is None else table.total
    return Cell(
        cell_id="", parent_cell_id=None, places=places, synthetic=synthetic, version=0, **msgspec.structs.asdict(issuer)
    )
