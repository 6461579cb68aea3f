"""What a readable policy is refused for: each code with its line, its value and its remedy in both languages."""

from collections.abc import Callable

import pytest

from shared.policy import KnownUnit, KnownUnits, PolicyError, load, review

HOW = "# ------------------------------------------------------------------ how"
AGAIN = """  - key: again
    group: quality-2021
    type: again
    names: {zh: 再, en: Again}
    length: {years: 1}
    office: project-office
    cohorts:
      - {key: local, kind: trainee, names: {zh: 再, en: Again}, quota: {shape: unstated}, eligibility: [], phases: []}
"""
TWICE = AGAIN.replace("key: local, kind: trainee", "key: rural-teacher, kind: mentor")
OPENED = "anchor: {event: class_opened}\n      offsets: [{at_once: true}]"
BEFORE_EVENT = "anchor: {event: class_opened}\n      offsets: [{before: {calendar_days: 1}}]"
STARTS = "anchor: {moment: class_start}\n      offsets: [{before: {calendar_days: 7}},"
STARTS_NOW = "anchor: {moment: class_start}\n      offsets: [{at_once: true},"
LATEST = "{before: {calendar_days: 0}}]\n      latest_useful: {anchor: itself, after: {calendar_days: 0}}"
TOO_LATE = "{after: {calendar_days: 3}}]\n      latest_useful: {anchor: itself, after: {calendar_days: 2}}"

CASES = [
    ("P005", HOW, TWICE + HOW, "{key: rural-teacher, kind: mentor", "“rural-teacher”重复", "Choose one that is unique"),
    ("P008", "group: quality-2021", "group: quality-2020", None, "项目组“quality-2020”未定义", "use one of: quality-2021."),
    ("P008", "end_by: null", "end_by: never", None, "期限“never”未定义。请先定义", 'Deadline "never" is not defined'),
    ("P008", "by: [registration-completion,", "by: [nothing,", None, "公式“nothing”未定义", 'Formula "nothing" is not defined'),
    ("P008", "final_level: city", "final_level: town", None, "层级“town”未定义", "one of: city, county, province, school."),
    ("P008", "list: reporting-units}\n    within", "list: all}\n    within", None, "单位名单“all”", 'List of units "all"'),
    ("P020", '{by: "410000", persons', '{by: "990000", persons', None, "单位990000在2021-07-16不存在", "import the unit first"),
    ("P021", '  root: "410000"', '  root: "419001"', None, "根单位419001不是发文单位410000", "Make units.root the issuer"),
    ("P021", 'authority: "410000"', 'authority: "410100"', None, "也不是其上级。请改为", "Name the issuer or a superior of it"),
    ("P022", "under: [province],", "under: [school],", None, "请自上而下排列层级", "List the levels top first"),
    ("P030", "{date: 2021-07-16, assumed", "{date: 2021-07-31, assumed", None, "“selection-due”的开始时间晚于", "fall due later"),
    ("P031", "before: {calendar_days: 10}", "before: {working_days: 10}", None, "2021年没有工作日历", "Use calendar_days"),
    ("P032", "before: {calendar_days: 10}}, late: record", "before: {calendar_days: 10}}, late: override", None, "请补上 extension", "Add extension: {by, reason}"),
    ("P033", "{date: 2021-08-20,", "{date: 2021-07-29,", None, "代用开班日期2021-07-29早于遴选截止日2021-07-30", "Choose the closing day"),
    ("P041", "serves: all", "serves: []", "office: project-office", "现为0个。请核对 offices", "exactly one serving office, it has 0"),
    ("P042", "amount: {hours: 30}", "amount: {days: 30}", None, "阶段“online”的计量单位或年度与“online”不符", "Use the form's counted_in"),
    ("P042", "amount: {hours: 30}", "amount: {hours: 30}, years: [2]", None, "年度不超出项目周期", "inside the project's length"),
    ("P043", HOW, AGAIN + HOW, "{key: local", "“local”没有培训阶段。请补上；如文件未载明", "list phases under unstated"),
    ("P050", 'allocation: {"410100": 20}', 'allocation: {"410100": 21}', None, "名额合计21，与总数20不符", "sum to 21, the total is 20"),
    ("P053", 'allocation: {"410100": 20}', 'allocation: {"410183": 20}', None, "单位410183不由发文单位410000直接", "to its superior"),
    ("P054", "total: 20, synthetic: true", "total: 20", None, "（quota-rural）不在手，数字未标明", "Add synthetic: true, or at_hand"),
    ("P070", "due: timetable-due, to:", "due: never, to:", None, "期限“never”不存在。请改用", 'Deadline "never" does not exist'),
    ("P070", "to: application-system,", "to: nobody,", None, "接收方“nobody”不存在", "Use one of: application-system,"),
    ("P090", "numerator: checked_in, ", "", "{key: checkin,", "公式“checkin”不完整。须有分子和分母", "Give a numerator and a denom"),
    ("P090", "numerator: checked_in", "numerator: smiled", None, "“smiled”不是可用的事实。可用：quota", "Use one of: quota, selected"),
    ("P100", OPENED, BEFORE_EVENT, "offsets: [{before", "“class-opened”的时间无法满足：事件发生之前", "that nobody foresees"),
    ("P100", STARTS, STARTS_NOW, "offsets: [{at_once", "立即发送只用于事件。请调整 offsets", "at_once is for events only"),
    ("P100", LATEST, TOO_LATE, "offsets: [{before", "晚于最迟有用时间", "lies after the latest useful time. Change the offsets"),
    ("P100", 'default_at: "09:00"', 'default_at: "07:00"', None, "默认时刻在发送时段之外", "outside the send window"),
    ("P110", "force: absolute", "force: in_principle", None, "须同时出现。请补上 override", "Add override, or change force"),
    ("P112", "not_before: reply_ends", "not_before: confirmed", None, "请写 not_before: reply_ends", "must follow the reply window"),
    ("P112", "persons: 2", "persons: 3", None, "岗位数不少于人数（3）", "an office for each of 3 persons"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "old", "new", "at", "zh", "en"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_refused_with_line_and_remedy(
    broken: Callable[..., PolicyError], code: str, old: str, new: str, at: str | None, zh: str, en: str
) -> None:
    error = broken(old, new, at)
    assert (error.code, error.warning) == (code, False)
    assert error.zh.startswith(f"第{error.line}行，{error.path}：")
    assert zh in error.zh
    assert error.en.startswith(f"Line {error.line}, {error.path}: ")
    assert en in error.en


def test_p111_a_delivered_notice_needs_a_message_that_keeps_proof(text: str) -> None:
    policy, said = review(text.replace("      proof: delivered\n", ""))
    assert policy is not None
    assert [(error.code, error.path) for error in said] == [("P111", "ban.causes")]
    assert "causes:" in text.replace("      proof: delivered\n", "").splitlines()[said[0].line - 2]
    assert "请给一项发给学员的提醒加 proof: delivered" in said[0].zh
    assert "Add proof: delivered to a reminder that goes to trainees" in said[0].en


def test_p113_a_ban_that_meets_no_project_is_a_warning_and_passes(text: str) -> None:
    bad = text.replace("scope: {plan_levels: [province]", "scope: {plan_levels: [national]")
    _, said = review(bad)
    assert [(error.code, error.warning) for error in said] == [("P113", True)]
    assert "scope: {plan_levels" in bad.splitlines()[said[0].line - 1]
    assert "请核对 scope" in said[0].zh
    assert "Check scope if that is not meant" in said[0].en
    assert load(bad).ban is not None


def test_units_are_judged_only_where_they_are_known(text: str) -> None:
    bad = text.replace('allocation: {"410100": 20}', 'allocation: {"990000": 20}')
    assert review(bad)[1] == ()
    rows = [KnownUnit("410000", "province", None), KnownUnit("990000", "city", "410000")]
    assert [error.code for error in review(bad, KnownUnits.of(rows))[1]] == []


def test_a_year_without_a_ban_rule_is_allowed(text: str) -> None:
    start = text.index("ban:\n  key: ban-2021")
    assert load(text[:start] + "ban: null\n").ban is None


@pytest.mark.rule("P08")
def test_a_tree_of_five_levels_is_only_data(text: str) -> None:
    school = "    - {key: school, names: {zh: 学校, en: School}, kinds: [school], under: [city, county]}\n"
    district = "    - {key: district, names: {zh: 学区, en: School district}, kinds: [district], under: [county]}\n"
    assert text.count(school) == 1
    policy = load(text.replace(school, district + school.replace("county]", "county, district]")))
    assert [level.key for level in policy.units.levels] == ["province", "city", "county", "district", "school"]
