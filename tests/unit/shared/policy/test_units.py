"""The units file: what stands in it, and what it is refused for."""

from datetime import date
from pathlib import Path

import pytest

from shared.policy import KnownUnit, KnownUnits, PolicyErrors, UnitsFile, load_units

TEXT = (Path(__file__).parents[4] / "deploy/policies/units-henan.yaml").read_text("utf-8")


@pytest.mark.rule("A04")
def test_twenty_eight_units_report_to_the_province(units: UnitsFile) -> None:
    (reporting,) = [entry for entry in units.lists if entry.key == "reporting-units"]
    kinds = [units.unit(code).kind for code in reporting.members]
    assert len(set(reporting.members)) == 28
    assert (kinds.count("city"), kinds.count("demonstration_zone"), kinds.count("direct_county")) == (17, 1, 10)
    assert {units.unit(code).reports_to for code in reporting.members} == {"410000"}
    assert date(2021, 7, 30) in reporting.valid
    assert date(2022, 8, 31) in reporting.valid


@pytest.mark.rule("A05")
def test_a_city_has_counties_zones_and_direct_units_below_it(units: UnitsFile) -> None:
    children = [unit for unit in units.units if unit.reports_to == "410100"]
    assert [unit.kind for unit in children].count("county") == 11
    assert {unit.code for unit in children if unit.kind == "development_zone"} == {"410171", "410172", "410173"}
    assert sum(unit.kind == "direct_unit" for unit in children) == 3
    assert "410181" not in {unit.code for unit in children}  # Gongyi lies in Zhengzhou and reports past it
    assert {units.level_of(unit) for unit in children} == {"county"}


def test_made_up_units_say_so(units: UnitsFile) -> None:
    assert [unit.code for unit in units.units if unit.synthetic] == ["410183-s001", "410183-s002", "inst-001"]
    assert (units.unit("410183-s001").school_kind, units.unit("410183-s001").reports_to) == ("township", "410183")
    assert units.level_of(units.unit("inst-001")) is None


def test_validity_holds_on_its_first_and_last_day(units: UnitsFile) -> None:
    valid = units.validity_of(units.unit("410100"))
    assert date(2021, 1, 1) in valid
    assert date(2020, 12, 31) not in valid
    unit = KnownUnit("1", "city", None, date(2021, 1, 1), date(2021, 12, 31))
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2021, 12, 31), date(2022, 1, 1)]
    assert [unit.valid_on(day) for day in days] == [False, True, True, False]


def test_the_way_up_ends_even_in_a_circle() -> None:
    known = KnownUnits.of([KnownUnit("1", "city", "2"), KnownUnit("2", "city", "1")])
    assert known.above("1") == ["2", "1"]
    with pytest.raises(KeyError):
        load_units(TEXT).unit("nothing")


@pytest.mark.parametrize(
    ("code", "old", "new", "zh", "en"),
    [
        ("P008", 'kind: city, reports_to: "410000", names: {zh: 开封市', 'kind: town, reports_to: "410000", names: {zh: 开封市', "单位类别“town”未定义", 'Kind of unit "town"'),
        ("P008", 'reports_to: "410183", school_kind: township, rural: true, synthetic: true, names: {zh: 示例乡', 'reports_to: "990000", school_kind: township, rural: true, synthetic: true, names: {zh: 示例乡', "单位“990000”未定义", 'Unit "990000" is not defined'),
        ("P008", '"411500", "411600"', '"411500", "990000"', "单位“990000”未定义", 'Unit "990000" is not defined'),
        ("P005", 'code: "410200"', 'code: "410100"', "代码“410100”重复", 'key "410100" is used twice'),
        ("P022", "province, reports_to: null", 'province, reports_to: "410000"', "请改正 reports_to", "Correct reports_to"),
        ("P023", "expect_count: 28", "expect_count: 27", "应有27个，实有28个", "should have 27 members, it has 28"),
        ("P003", "dataset: units-henan\n", "", "缺少“dataset”", '"dataset" is missing'),
    ],
)  # fmt: skip
def test_refused_with_line_and_remedy(code: str, old: str, new: str, zh: str, en: str) -> None:
    assert TEXT.count(old) == 1
    bad = TEXT.replace(old, new)
    with pytest.raises(PolicyErrors) as refused:
        load_units(bad)
    error = refused.value.errors[0]
    assert error.code == code
    assert f"第{error.line}行" in error.zh
    assert zh in error.zh
    assert f"Line {error.line}" in error.en
    assert en in error.en
