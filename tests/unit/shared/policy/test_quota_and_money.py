"""Places and money: totals of the notices, and the sums that follow from the rates."""

import pytest

from shared.policy import Policy, UnitsFile, lookup
from shared.policy.amounts import cost_of_people, cost_of_structures, worked_out
from shared.policy.money import Rate
from shared.policy.quota import PerUnitQuota, PoolQuota, TreeQuota, UnstatedQuota

YUAN = 100


def rates(policy: Policy, *keys: str) -> list[Rate]:
    return [lookup.rate(policy, key) for key in keys]


def yuan(policy: Policy, cohort: str, persons: int, *keys: str) -> float:
    return cost_of_people(policy, cohort, persons, rates(policy, *keys)) / YUAN


@pytest.mark.rule("Q01")
def test_five_tables_for_five_projects(policy: Policy) -> None:
    tables = [(a.number, *a.projects) for a in policy.sources.annexes if a.kind == "quota_table"]
    assert tables == [
        (2, "backbone"),
        (3, "county-system"),
        (4, "trainers-province"),
        (5, "trainers-local"),
        (6, "rural"),
    ]
    assert not any(annex.at_hand for annex in policy.sources.annexes)


@pytest.mark.rule("Q02")
def test_seven_of_the_nine_annexes_of_2022_are_tables_of_places(zhengzhou: Policy) -> None:
    kinds = {annex.number: annex.kind for annex in zhengzhou.sources.annexes}
    assert sorted(kinds) == list(range(1, 10))
    assert [number for number, kind in kinds.items() if kind == "quota_table"] == [1, 2, 3, 4, 5, 6, 8]
    assert (kinds[7], kinds[9]) == ("institution_list", "contacts")


@pytest.mark.rule("Q13")
def test_180_are_nominated_for_150_and_who_is_not_chosen_leaves_no_trace(policy: Policy) -> None:
    quota = lookup.cohort(policy, "trainer").quota
    assert isinstance(quota, PoolQuota)
    assert quota.nominations is not None
    assert (quota.total, str(quota.nominations.ratio), quota.nominations.total) == (150, "1.2", 180)
    assert (quota.chosen_by, quota.nominations.not_chosen) == ("institution", "no_trace_in_rates_or_record")
    assert "not_chosen" in policy.integrity.never
    assert "not_chosen" in policy.table_rules.leave_out
    leave_out = lookup.ranking(policy, "units-2021").leave_out
    assert leave_out is not None
    assert leave_out.projects == ("trainers-province",)


@pytest.mark.rule("Q14")
def test_the_totals_of_150_and_200_are_stated_and_their_spread_says_that_it_is_not(
    policy: Policy, units: UnitsFile
) -> None:
    pool, tree = lookup.cohort(policy, "trainer").quota, lookup.cohort(policy, "local-trainer").quota
    assert isinstance(pool, PoolQuota)
    assert isinstance(tree, TreeQuota)
    assert (pool.total, tree.total, sum(tree.allocation.values())) == (150, 200, 200)
    (reporting,) = [entry for entry in units.lists if entry.key == "reporting-units"]
    assert {*tree.allocation} == {*reporting.members}
    assert tree.allocation_synthetic
    assert not tree.synthetic


@pytest.mark.rule("A06")
def test_units_directly_under_the_department_nominate(policy: Policy, units: UnitsFile) -> None:
    quota = lookup.cohort(policy, "trainer").quota
    assert isinstance(quota, PoolQuota)
    assert quota.nominations is not None
    assert quota.nominations.allocation["410000-direct"] == 18
    assert units.unit("410000-direct").reports_to == "410000"
    assert "department_unit" in next(level for level in policy.units.levels if level.key == "city").kinds


def test_where_no_number_is_stated_none_is_made_up_for_the_backbone_project(policy: Policy) -> None:
    quota = lookup.cohort(policy, "backbone-teacher").quota
    assert isinstance(quota, UnstatedQuota)
    assert quota.annex == "quota-backbone"


def test_every_made_up_number_of_places_says_so(policy: Policy, zhengzhou: Policy) -> None:
    quotas = [cohort.quota for p in (policy, zhengzhou) for project in p.projects for cohort in project.cohorts]
    trees = [quota for quota in quotas if isinstance(quota, TreeQuota)]
    assert len(trees) == 9
    assert all(quota.synthetic or quota.allocation_synthetic for quota in trees)
    pools = [quota.nominations for quota in quotas if isinstance(quota, PoolQuota) and quota.nominations]
    assert [nominations.allocation_synthetic for nominations in pools] == [True]


@pytest.mark.rule("B01")
def test_training_in_person_costs_400_yuan_a_person_and_day(policy: Policy) -> None:
    rate = lookup.rate(policy, "in-person")
    assert (rate.amount_fen, rate.per, rate.forms) == (400 * YUAN, ("person", "day"), ("in_person",))
    assert yuan(policy, "trainer", 150, "in-person") == 3_000_000
    assert yuan(policy, "local-trainer", 200, "in-person") == 1_600_000
    assert yuan(policy, "team-member", 13 * 50, "in-person") == 7_800_000


@pytest.mark.rule("B02")
def test_online_study_costs_3_yuan_an_hour_and_person(policy: Policy) -> None:
    rate = lookup.rate(policy, "online")
    assert (rate.amount_fen, rate.per, rate.forms) == (3 * YUAN, ("person", "hour"), ("online",))
    assert yuan(policy, "trainer", 150, "online") == 27_000
    assert yuan(policy, "local-trainer", 200, "online") == 60_000
    assert yuan(policy, "team-member", 13 * 50, "online") == 234_000


def test_one_person_costs_both(policy: Policy) -> None:
    assert yuan(policy, "backbone-teacher", 1, "in-person", "online") == 6_180
    assert yuan(policy, "rural-teacher", 1, "in-person", "online") == 6_090
    assert yuan(policy, "new-teacher", 1, "in-person", "online") == 150


@pytest.mark.rule("B03")
def test_each_master_or_expert_studio_gets_20000_yuan_and_a_county_studio_nothing(
    policy: Policy, units: UnitsFile
) -> None:
    grant = rates(policy, "studio")
    assert (grant[0].amount_fen, grant[0].structures) == (20_000 * YUAN, ("master-studio", "expert-studio"))
    paid = {key: cost_of_structures(lookup.structure(policy, key), grant, units.known())
            for key in ("expert-studio", "county-studio", "master-studio")}  # fmt: skip
    assert paid == {"expert-studio": 300_000 * YUAN, "county-studio": 0, "master-studio": None}


def test_the_examples_of_the_file_come_out(policy: Policy) -> None:
    assert policy.money is not None
    assert len(policy.money.examples) == 9
    assert all(worked_out(policy, example, None) == example.expect_fen for example in policy.money.examples)


@pytest.mark.rule("B05", "B06")
def test_money_is_earmarked_by_two_departments_and_vouchers_are_kept(policy: Policy, zhengzhou: Policy) -> None:
    assert policy.money is not None
    assert policy.money.funding is not None
    assert policy.money.accounts is not None
    assert (policy.money.funding.given_by.zh, policy.money.funding.kind) == (("教育厅", "财政厅"), "earmarked")
    assert (policy.money.accounts.vouchers, policy.money.accounts.budget_and_final) == ("keep", "required")
    assert zhengzhou.money is not None
    assert zhengzhou.money.rates == ()


def test_fifty_places_in_each_of_thirteen_counties(policy: Policy, units: UnitsFile) -> None:
    quota = lookup.cohort(policy, "team-member").quota
    assert isinstance(quota, PerUnitQuota)
    known = units.known().lists
    assert known is not None
    assert quota.each * len(known[quota.list]) == quota.total == 650
