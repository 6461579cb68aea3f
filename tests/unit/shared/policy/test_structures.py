"""Studios, teams, schools and pairs of Henan 2021: how many, of whom, by whom."""

import pytest

from shared.policy import Policy, UnitsFile, lookup
from shared.policy.amounts import instances
from shared.policy.common import Count
from shared.policy.eligibility import OnList
from shared.policy.quota import PerUnitQuota, PoolQuota, StructureQuota

COUNTIES = ("新县", "光山县", "兰考县", "新蔡县", "南召县", "尉氏县", "上蔡县", "固始县", "鲁山县", "柘城县", "扶沟县", "台前县", "卢氏县")  # fmt: skip


def parts(policy: Policy, key: str) -> dict[str, Count]:
    return {part.key: part.count for part in lookup.structure(policy, key).parts}


@pytest.mark.rule("K03", "Q20")
def test_a_master_studio_has_one_master_ten_candidates_and_50_to_100_newcomers(policy: Policy) -> None:
    studio = lookup.structure(policy, "master-studio")
    assert parts(policy, "master-studio") == {
        "master": Count.of(1),
        "backbones": Count.of(10),
        "newcomers": Count(min=50, max=100),
    }
    assert studio.formed_by is not None
    assert (studio.formed_by.levels, studio.formed_by.advised_by) == (("city", "county"), "institution")
    assert studio.number is None


@pytest.mark.rule("K06")
def test_a_studio_attested_good_becomes_a_provincial_one(policy: Policy) -> None:
    award = lookup.structure(policy, "master-studio").award
    assert award is not None
    assert (award.when, award.names.zh, award.named_after) == ("attested_good_work", "省级名师工作室", "master")


@pytest.mark.rule("K07")
def test_thirteen_named_counties_of_which_three_report_to_the_province(policy: Policy, units: UnitsFile) -> None:
    (counties,) = [entry for entry in units.lists if entry.key == "project-counties-2021"]
    entries = [units.unit(code) for code in counties.members]
    assert tuple(entry.names.zh for entry in entries) == COUNTIES
    direct = {entry.names.zh for entry in entries if entry.kind == "direct_county"}
    assert direct == {"兰考县", "固始县", "新蔡县"}
    assert {entry.reports_to for entry in entries if entry.names.zh in direct} == {"410000"}
    assert counties.count_once_with == "reporting-units"
    assert lookup.project(policy, "county-system").units == counties.key


@pytest.mark.rule("K08")
def test_each_county_has_a_team_of_fifty_over_five_areas(policy: Policy, units: UnitsFile) -> None:
    team, quota = lookup.structure(policy, "county-team"), lookup.cohort(policy, "team-member").quota
    assert isinstance(quota, PerUnitQuota)
    assert (quota.each, instances(team, units.known()), quota.total) == (50, 13, 650)
    assert parts(policy, "county-team") == {"members": Count.of(50)}
    assert team.split is not None
    assert [share.key for share in team.split.parts] == [
        "management",
        "course_development",
        "ethics",
        "lecturers",
        "project_design",
    ]
    assert all(share.count == Count(min=1) for share in team.split.parts)


@pytest.mark.rule("K09", "A15")
def test_fifteen_pairs_a_county_one_university_four_schools_ten_teams(policy: Policy) -> None:
    pairing = lookup.structure(policy, "county-pairing")
    assert [(pair.helper.zh, pair.helped.zh, pair.count) for pair in pairing.pairs] == [
        ("高等学校", "县级教师发展中心", 1),
        ("优质中小学", "教师发展学校", 4),
        ("省级名师团队", "县域工作室", 10),
    ]
    assert sum(pair.count for pair in pairing.pairs) == pairing.expect_pairs == 15


@pytest.mark.rule("Q22")
def test_helper_schools_are_practice_bases_if_possible(policy: Policy) -> None:
    priority = lookup.structure(policy, "county-pairing").pairs[1].priority
    assert isinstance(priority, OnList)
    assert (priority.list, priority.force) == ("practice-bases", "priority")


@pytest.mark.rule("K10", "K11")
def test_four_schools_and_ten_studios_a_county_split_by_kind(policy: Policy, units: UnitsFile) -> None:
    for key, each, split in (
        ("development-school", 4, {"primary": 2, "secondary": 2}),
        ("county-studio", 10, {"master_teacher": 6, "master_head": 2, "master_class_teacher": 2}),
    ):
        entry = lookup.structure(policy, key)
        assert entry.number is not None
        assert entry.split is not None
        assert (entry.number.count, instances(entry, units.known())) == (each, each * 13)
        assert {share.key: share.count.min for share in entry.split.parts} == split


@pytest.mark.rule("K12", "Q24")
def test_each_county_studio_is_one_head_and_ten_members_so_a_hundred_a_county(policy: Policy) -> None:
    studio = lookup.structure(policy, "county-studio")
    assert parts(policy, "county-studio") == {"head": Count.of(1), "members": Count.of(10)}
    assert studio.number is not None
    assert studio.number.count * (parts(policy, "county-studio")["members"].max or 0) == 100
    quota = lookup.cohort(policy, "studio-member").quota
    assert isinstance(quota, StructureQuota)
    assert (quota.structure, quota.part) == ("county-studio", "members")


@pytest.mark.rule("K13")
def test_the_team_takes_three_of_each_school_and_one_of_each_studio(policy: Policy) -> None:
    includes = lookup.structure(policy, "county-team").includes
    assert [(include.structure, include.each) for include in includes] == [
        ("development-school", Count(min=3)),
        ("county-studio", Count(min=1)),
    ]


@pytest.mark.rule("K15")
def test_one_good_school_helps_one_school_in_seven_ways(policy: Policy) -> None:
    support = lookup.structure(policy, "development-school").support
    assert support is not None
    assert (support.form, len(support.activities), support.expect_activities) == ("one_to_one", 7, 7)
    assert "dual_teacher" in support.activities
    assert not lookup.form(policy, support.form).checkin


@pytest.mark.rule("K19")
def test_fifteen_expert_studios_of_one_expert_and_ten_trainers(policy: Policy, units: UnitsFile) -> None:
    studio, quota = lookup.structure(policy, "expert-studio"), lookup.cohort(policy, "trainer").quota
    assert isinstance(quota, PoolQuota)
    assert parts(policy, "expert-studio") == {"mentor": Count.of(1), "trainers": Count.of(10)}
    assert instances(studio, units.known()) == quota.total // 10 == 15


def test_a_free_number_or_an_unknown_list_is_no_number(policy: Policy) -> None:
    assert instances(lookup.structure(policy, "master-studio"), None) is None
    assert instances(lookup.structure(policy, "county-team"), None) is None
    assert instances(lookup.structure(policy, "expert-studio"), None) == 15
