"""The quota tables of whole years, by the shape that the policy gives each, and what of them is invented."""

from functools import cache
from pathlib import Path

import msgspec
import pytest

from services.enrolment.quota.domain import Cell, Child, Grant, Mistake
from services.enrolment.tables.domain import Issuer, Table, decide_table, proposal, table_of
from shared.events.base import Names
from shared.events.enrolment import QuotaAllocated
from shared.policy import Policy, load

POLICIES = Path(__file__).parents[3] / "deploy" / "policies"
NAMES = Names("单位", "Unit")
ISSUER = Issuer(programme_id="p", policy_key="k", project="j", cohort="c", unit_id="h", unit_path="/h/", unit=NAMES)


@cache
def policy(key: str) -> Policy:
    return load((POLICIES / f"{key}.yaml").read_text("utf-8"))


def table(cohort: str, key: str = "henan-2021") -> Table:
    found = table_of(policy(key), cohort)
    assert found
    return found


def cell(unit: str, places: int, *, synthetic: bool = False, passed: int = 0) -> Cell:
    return Cell(cell_id=f"cell-{unit}", parent_cell_id=None, programme_id="p", policy_key="k", project="j", cohort="c", unit_id=unit,
                unit_path=f"/h/{unit}/", unit=NAMES, places=places, synthetic=synthetic, version=1, passed=passed)  # fmt: skip


def grant(unit: str, places: int, held: Cell | None = None) -> Grant:
    return Grant(
        Child(cell_id=f"new-{unit}", unit_id=unit, unit_path=f"/h/{unit}/", unit=NAMES, cell=held, contacts=1), places
    )


def decided(wanted: Table, grants: list[Grant], *, synthetic: bool = False) -> list[QuotaAllocated] | list[Mistake]:
    held = [g.child.cell for g in grants if g.child.cell]
    return decide_table(ISSUER, wanted, held, grants, synthetic=synthetic)


@pytest.mark.rule("Q14", "Q01")
def test_200_are_stated_and_their_spread_is_invented() -> None:
    local = table("local-trainer")
    assert (local.total, sum(local.proposed.values()), local.synthetic) == (200, 200, True)


@pytest.mark.rule("K08")
def test_each_project_county_gets_fifty_and_the_studios_follow_from_their_sizes() -> None:
    team = table("team-member")
    assert (team.total, team.each, team.list, team.synthetic) == (650, 50, "project-counties-2021", False)
    assert proposal(team, ["411523", "411522"]) == {"411523": 50, "411522": 50}
    assert [table(c).each for c in ("studio-head", "studio-member")] == [10, 100]


@pytest.mark.rule("Q02")
def test_seven_tables_of_2022_are_invented_and_the_rest_is_not_stated() -> None:
    zhengzhou = policy("zhengzhou-2022")
    tables = [table(c.key, "zhengzhou-2022") for p in zhengzhou.projects for c in p.cohorts]
    assert [t.synthetic for t in tables if t.total is not None] == [True] * 7
    assert [t for t in tables if t.total is None] == [Table()] * 5


@pytest.mark.rule("Q13")
def test_a_pot_has_no_table() -> None:
    assert table_of(policy("henan-2021"), "trainer") is None


def test_a_stated_total_is_not_exceeded_and_an_unstated_one_is_the_issuers_to_say() -> None:
    (mistake,) = decided(Table(total=5), [grant("a", 4), grant("b", 2)])
    assert isinstance(mistake, Mistake)
    assert (mistake.code, mistake.numbers["over"]) == ("quota-exceeded", 1)
    open_ended = decided(Table(), [grant("a", 4), grant("b", 900)])
    assert [(e.places, e.parent_cell_id) for e in open_ended if isinstance(e, QuotaAllocated)] == [
        (4, None),
        (900, None),
    ]


def test_a_number_that_stays_loses_its_mark_when_the_real_table_says_the_same() -> None:
    held = cell("a", 4, synthetic=True)
    assert decided(Table(total=5), [grant("a", 4, held)], synthetic=True) == []
    (confirmed,) = decided(Table(total=5), [grant("a", 4, held)])
    assert isinstance(confirmed, QuotaAllocated)
    assert (confirmed.cell_id, confirmed.places, confirmed.synthetic) == ("cell-a", 4, False)
    assert (
        decided(Table(total=5), [grant("a", 4, msgspec.structs.replace(held, synthetic=False))], synthetic=True) == []
    )


def test_what_is_passed_on_is_not_taken_back() -> None:
    (mistake,) = decided(Table(), [grant("a", 3, cell("a", 9, passed=4))])
    assert isinstance(mistake, Mistake)
    assert mistake.code == "quota-below-passed-on"
