"""What a readable policy is refused for: each code with its line, its value and its remedy in both languages."""

from collections.abc import Callable

import pytest

from shared.policy import KnownUnit, KnownUnits, PolicyError, UnitsFile, load, review
from tests.unit.shared.policy.told import assert_told

PROJECTS = "rules: [P01, P07]}\n\nprojects:\n"
AGAIN = """rules: [P01, P07]}
  - {key: more, plan_level: province, names: {zh: 更多, en: More}}

projects:
  - key: again
    group: more
    type: again
    names: {zh: 再, en: Again}
    length: {years: 1}
    office: project-office
    cohorts:
      - {key: local, kind: trainee, names: {zh: 再, en: Again}, quota: {shape: unstated}, eligibility: [], phases: []}
"""
FOUR = "serves: [backbone, county-system, trainers-province, trainers-local]"
TWICE = AGAIN.replace("key: local, kind: trainee", "key: studio-member, kind: mentor")
OPENED = "anchor: {event: class_opened}\n      offsets: [{at_once: true}]"
BEFORE_EVENT = "anchor: {event: class_opened}\n      offsets: [{before: {calendar_days: 1}}]"
STARTS = "anchor: {moment: class_start}\n      offsets: [{before: {calendar_days: 7}},"
STARTS_NOW = "anchor: {moment: class_start}\n      offsets: [{at_once: true},"
LATEST = "{before: {calendar_days: 0}}]\n      latest_useful: {anchor: itself, after: {calendar_days: 0}}"
TOO_LATE = "{after: {calendar_days: 3}}]\n      latest_useful: {anchor: itself, after: {calendar_days: 2}}"

CASES = [
    ("P005", PROJECTS, TWICE, "key: studio-member", "“studio-member”重复", "Choose one that is unique"),
    ("P008", "form: practice, amount: {years: 1}, activities: [school", "form: drill, amount: {years: 1}, activities: [school", None, "形式“drill”未定义", "use one of: in_person, one_to_one, online,"),
    ("P008", "part: newcomers}", "part: strangers}", None, "组成部分“strangers”未定义", "use one of: master, backbones, newcomers."),
    ("P008", "end_by: null", "end_by: never", None, "期限“never”未定义。请先定义", 'Deadline "never" is not defined'),
    ("P008", "by: [registration-completion,", "by: [nothing,", None, "公式“nothing”未定义", 'Formula "nothing" is not defined'),
    ("P008", "final_level: city", "final_level: town", None, "层级“town”未定义", "one of: city, county, province, school."),
    ("P008", "list: reporting-units}\n    within", "list: all}\n    within", None, "单位名单“all”", 'List of units "all"'),
    ("P115", "{fact: excused, sign", "{fact: yawned, sign", None, "诚信档案的事实“yawned”不是系统认得的", "Use one of: checked_in, completed, dismissed, excused,"),
    ("P011", "{role: life_class_teacher,", "{role: night_guard,", None, "班级人员岗位“night_guard”没有名称。请在terms.staff_roles中加一项{key: night_guard, names: {zh: …", "Add {key: night_guard, names: {zh: …, en: …}} under terms.staff_roles"),
    ("P011", "change_causes: [public_health,", "change_causes: [flood,", None, "改期、取消原因“flood”没有名称", "under terms.change_causes, or use a key that stands there"),
    ("P011", "en: Illness}, evidence: [medical_certificate]", "en: Illness}, evidence: [x_ray]", None, "证明“x_ray”没有名称", 'Evidence "x_ray" has no name'),
    ("P011", "check: marked, mark: teaching_backbone", "check: marked, mark: harpist", None, "标记“harpist”没有名称", "under terms.properties"),
    ("P011", "meals_lodging, bring, class_teachers", "meals_lodging, bring, horses", None, "材料须载明的内容“horses”没有名称", "under terms.contents"),
    ("P006", "{key: too_few, names: {zh: 人数不足, en: Too few people}}", "{key: too_few, names: {zh: 人数不足}}", None, "“names”缺少英文", "Give both zh and en"),
    ("P020", '{by: "410000", persons', '{by: "990000", persons', None, "单位990000在2021-07-16不存在", "import the unit first"),
    ("P021", '  root: "410000"', '  root: "419001"', None, "根单位419001不是发文单位410000", "Make units.root the issuer"),
    ("P021", 'authority: "410000"', 'authority: "410100"', None, "也不是其上级。请改为", "Name the issuer or a superior of it"),
    ("P022", "under: [province],", "under: [school],", None, "请自上而下排列层级", "List the levels top first"),
    ("P024", "path: [school, county, city]", "path: [city, county, school]", None, "“city, county, school”不是自下而上。请从最低一级写起", "does not run upward. Write the lowest level first"),
    ("P024", "path: [school, county, city]", "path: [school, school, city]", None, "每级只写一次", "each level once"),
    ("P024", "final_level: city", "final_level: province", None, "最后一级“province”不在选送层级", 'final level "province" is not in the path'),
    ("P030", "{date: 2021-07-16, assumed", "{date: 2021-07-31, assumed", None, "“selection-due”的开始时间晚于", "fall due later"),
    ("P031", "before: {calendar_days: 10}}, late", "before: {working_days: 10}}, late", None, "2021年没有工作日历", "Use calendar_days"),
    ("P032", "before: {calendar_days: 10}}, late: record", "before: {calendar_days: 10}}, late: override", None, "请补上 extension", "Add extension: {by, reason}"),
    ("P033", "due: {date: 2021-07-30}\n", "due: {date: 2021-08-21}\n", "{date: 2021-08-20,", "代用开班日期2021-08-20早于遴选截止日2021-08-21", "Choose the closing day"),
    ("P023", "expect_quota_tables: 5", "expect_quota_tables: 6", None, "名单“quota_table”应有6个，实有5个", "should have 6 members, it has 5"),
    ("P023", "expect_count: 12", "expect_count: 13", None, "名单“topics”应有13个，实有12个", "Check the members or expect_count"),
    ("P035", "timezone: Asia/Shanghai", "timezone: Asia/Urumqi", None, "“Asia/Urumqi”不是页面和消息显示的时间。请写Asia/Shanghai", "the due times of another would be printed wrong"),
    ("P040", "expect_projects: 5", "expect_projects: 6", None, "“quality-2021”应有6个项目，实有5个。请核对项目", "should have 6 projects, it has 5"),
    ("P041", "serves: all", FOUR, "office: project-office", "现为0个。请核对 offices", "exactly one serving office, it has 0"),
    ("P041", "names: {zh: 培训专家工作组,", "serves: [rural], names: {zh: 培训专家工作组,", "office: project-office", "执行办公室负责，现为2个", "exactly one serving office, it has 2"),
    ("P042", "amount: {hours: 50}", "amount: {days: 50}", None, "阶段“online”的计量单位或年度与“online”不符", "Use the form's counted_in"),
    ("P042", "amount: {hours: 50}", "amount: {hours: 50}, years: [2]", None, "年度不超出项目周期", "inside the project's length"),
    ("P043", PROJECTS, AGAIN, "{key: local", "“local”没有培训阶段。请补上；如文件未载明", "list phases under unstated"),
    ("P044", "amount: {hours: 50}", "amount: {hours: 0}", None, "“hours”为0，什么也满足不了。请写1", "Write 1 or more, or take the whole entry out"),
    ("P044", "themes: {count: 1", "themes: {count: 0", None, "themes.count：“count”为0", '"count" is 0, and nothing can ever be enough'),
    ("P044", "per: period, count: 1, accept: [pdf, xlsx]", "per: period, count: 0, accept: [pdf, xlsx]", None, "documents[timetable].count.max：“max”为0", "take the whole entry out"),
    ("P044", "reply_window: {calendar_days: 15", "reply_window: {hours: 0", None, "“reply_window”为0", "Write 1 or more"),
    ("P045", "per: period, count: 1, accept: [pdf, xlsx]", "per: period, count: 1, accept: []", None, "“accept”是空的，没有谁能满足。请至少写一项", "Name at least one, or take"),
    ("P045", "check: school_kind_in, kinds: [township]", "check: school_kind_in, kinds: []", None, "“kinds”是空的", '"kinds" is empty, so nothing and nobody can meet it'),
    ("P045", "methods: [qr, by_hand]", "methods: []", None, "“methods”是空的", "Name at least one"),
    ("P045", "evidence: [institution_statement]", "evidence: []", None, "ban.causes[dismissed].evidence：“evidence”是空的", "Name at least one"),
    ("P050", 'allocation: {"410100": 20}', 'allocation: {"410100": 21}', None, "名额合计21，与总数20不符", "sum to 21, the total is 20"),
    ("P050", '"410000-direct": 18', '"410000-direct": 19', '{"410100": 14,', "“trainer”名额合计181，与总数180不符", "sum to 181, the total is 180"),
    ("P051", "total: 650", "total: 660", None, "每单位50人×13个单位≠660人。请核对 each", "50 × 13 units is not 660"),
    ("P052", 'ratio: "1.2"', 'ratio: "1.3"', None, "按1:1.3应推荐195人，现为180人", "ratio 1.3 gives 195 nominees, the file says 180"),
    ("P053", 'allocation: {"410100": 20}', 'allocation: {"410183": 20}', None, "单位410183不由发文单位410000直接", "to its superior"),
    ("P054", "total: 20, synthetic: true", "total: 20", None, "（quota-rural）不在手，数字未标明", "Add synthetic: true, or at_hand"),
    ("P054", "quota-trainers-province, allocation_synthetic: true,", "quota-trainers-province,", None, "（quota-trainers-province）不在手", "Add synthetic: true, or at_hand"),
    ("P060", "en: Master teacher}, count: 6", "en: Master teacher}, count: 7", None, "“county-studio”各部分合计11，应为10。请核对各部分", "sum to 11, 10 expected"),
    ("P060", "zh: 小学, en: Primary school}, count: 2", "zh: 小学, en: Primary school}, count: 1", None, "“development-school”各部分合计3，应为4", "Check the numbers of its parts"),
    ("P060", "cohort: team-member, count: 50", "cohort: team-member, count: 49", None, "“county-team”各部分合计49，应为50", "sum to 49, 50 expected"),
    ("P060", "expect_pairs: 15", "expect_pairs: 16", "zh: 高等学校", "“county-pairing”各部分合计15，应为16", "sum to 15, 16 expected"),
    ("P060", "expect_activities: 7", "expect_activities: 8", None, "“development-school”各部分合计7，应为8", "sum to 7, 8 expected"),
    ("P060", "each: {min: 3}", "each: {min: 11}", None, "合计54，多于50。请减少", "sum to 54, that is more than 50. Lower them"),
    ("P060", "en: Ethics}, count: {min: 1}", "en: Ethics}, count: {min: 47}", "key: management", "合计51，多于50", "raise the number of members"),
    ("P071", "projects: [county-system], count: 1, expect_total: 13, accept: [pdf], due: reports-due, to: project-office, rules: [F10]}\n  - {key: county-plan", "projects: [county-system], count: 1, expect_total: 14, accept: [pdf], due: reports-due, to: project-office, rules: [F10]}\n  - {key: county-plan", "key: county-report", "“county-report”应交14份，按设置为13份", '"county-report": 14 expected, the settings give 13'),
    ("P071", "Case of a school or studio}, owed_by: structure, per: structure, structures: [development-school, county-studio]", "Case of a school or studio}, owed_by: structure, per: structure, structures: [county-studio]", None, "“structure-case”应交182份，按设置为130份", "Check the list, the count or expect_total"),
    ("P080", "expect_fen: 618000", "expect_fen: 618001", None, "算例8应为6180.01元，按标准计算为6180.00元", "6180.01 yuan expected, the rates give 6180.00"),
    ("P080", "expect_fen: 30000000}", "expect_fen: 3000000}", None, "算例7应为30000.00元，按标准计算为300000.00元", "Check the rates, the phases or expect_fen"),
    ("P070", "due: timetable-due, to:", "due: never, to:", None, "期限“never”不存在。请改用", 'Deadline "never" does not exist'),
    ("P070", "to: application-system,", "to: nobody,", None, "接收方“nobody”不存在", "Use one of: application-system,"),
    ("P090", "numerator: checked_in, ", "", "{key: checkin,", "公式“checkin”不完整。须有分子和分母", "Give a numerator and a denom"),
    ("P090", "numerator: checked_in", "numerator: smiled", None, "“smiled”不是可用的事实。可用：quota", "Use one of: quota, selected"),
    ("P092", "decimals: 2", "decimals: 99", None, "小数位数多于6位。请写0至6", "more than 6 decimals. Write 0 to 6"),
    ("P100", OPENED, BEFORE_EVENT, "offsets: [{before", "“class-opened”的时间无法满足：事件发生之前", "that nobody foresees"),
    ("P100", STARTS, STARTS_NOW, "offsets: [{at_once", "立即发送只用于事件。请调整 offsets", "at_once is for events only"),
    ("P100", LATEST, TOO_LATE, "offsets: [{before", "晚于最迟有用时间", "lies after the latest useful time. Change the offsets"),
    ("P100", 'default_at: "09:00"', 'default_at: "07:00"', None, "默认时刻在发送时段之外", "outside the send window"),
    ("P101", "{to: office, office: project-office}]\n      anchor: {event: doc", "{to: office}]\n      anchor: {event: doc", "audience:", "“receipt”的对象“office”没有联系人来源", "Ask for contacts, or choose another audience"),
    ("P102", OPENED, OPENED.replace("opened", "openned"), "anchor: {event", "事件“class_openned”不是系统认得的", "Use one of: ban_decided, ban_proposed,"),
    ("P102", "stop_when: quota_filled", "stop_when: quota_fulled", None, "停止条件“quota_fulled”不是系统认得的", "document_received, none, place_left, quota_filled"),
    ("P110", "force: absolute", "force: in_principle", None, "须同时出现。请补上 override", "Add override, or change force"),
    ("P112", "not_before: reply_ends", "not_before: confirmed", None, "请写 not_before: reply_ends", "must follow the reply window"),
    ("P112", "persons: 2, offices", "persons: 3, offices", None, "岗位数不少于人数（3）", "an office for each of 3 persons"),
    ("P112", "persons: 2, offices", "persons: 0, offices", None, "没有人确认。请把 persons 写成1或更多", "nobody confirms. Make persons 1 or more"),
    ("P114", "length: {years: 3}", "length: {years: 0}", None, "这个时长禁不了训，或算不出止日。请用 calendar_days", "this length bars nobody"),
    ("P114", "length: {years: 3}", "length: {hours: 40}", None, "写不小于1的数", "Give calendar_days, weeks, months or years, 1 or more"),
    ("P114", "length: {years: 3}", "length: {years: 9000}", None, "算不出止日", "its last day can't be told"),
    ("P031", "length: {years: 3}", "length: {working_days: 40}", None, "没有工作日历", "Use calendar_days"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "old", "new", "at", "zh", "en"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_refused_with_line_and_remedy(
    broken: Callable[..., PolicyError], code: str, old: str, new: str, at: str | None, zh: str, en: str
) -> None:
    assert_told(broken(old, new, at), code, zh, en)


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


def test_p034_a_stand_in_start_that_is_owed_before_it_is_announced_is_a_warning(text: str) -> None:
    said = review(text.replace("{date: 2021-08-20,", "{date: 2021-08-19,"))[1]
    assert [(error.code, error.warning, error.path) for error in said] == [
        ("P034", True, "calendar.checks_before_class.date")
    ]
    assert "2021-08-20前开班的班次，“notice-due”早于开班时间申报到期" in said[0].zh
    assert 'before 2021-08-20 owe "notice-due" before their date is due' in said[0].en


@pytest.mark.parametrize(
    ("old", "new"),
    [("{required: 1, per: unit", "{required: 0, per: unit"), ("per: class, count", "per: project, count")],
)
def test_p101_contacts_that_nobody_must_name(text: str, old: str, new: str) -> None:
    said = review(text.replace(old, new))[1]
    assert {error.code for error in said} == {"P101"}
    to = "unit_contact" if "required" in old else "class_staff"
    assert any(f"“{to}”没有联系人来源" in error.zh and f'for "{to}"' in error.en for error in said)


def test_p060_studios_times_their_people_are_the_places(text: str) -> None:
    said = review(text.replace("number: {count: 15, from", "number: {count: 14, from"))[1]
    assert [(error.code, error.path) for error in said] == [
        ("P060", "structures[expert-studio].number"),
        ("P080", "money.examples[7].expect_fen"),
    ]
    assert "“expert-studio”各部分合计140，应为150" in said[0].zh
    assert "280000.00" in said[1].en


def test_p061_a_number_and_the_places_that_follow_from_it_cannot_follow_from_each_other(text: str) -> None:
    start, end = text.index("          shape: pool"), text.index("          rules: [Q13, Q14]")
    circle = (
        text[:start]
        + "          shape: structure\n          structure: expert-studio\n          part: trainers\n"
        + text[end:]
    )
    (error,) = review(circle)[1]
    assert (error.code, error.path) == ("P061", "structures[expert-studio].number")
    assert "number: {count: 15, from" in circle.splitlines()[error.line - 1]
    assert "“expert-studio”的数量与名额互相决定。请把其中一项写成数字" in error.zh
    assert "Write one of the two as a number" in error.en


def test_units_are_judged_only_where_they_are_known(text: str, units: UnitsFile) -> None:
    bad = text.replace('allocation: {"410100": 20}', 'allocation: {"990000": 20}')
    assert review(bad)[1] == ()
    rows = [*units.known().units.values(), KnownUnit("990000", "city", "410000")]
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
