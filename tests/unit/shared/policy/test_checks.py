"""What a readable policy is refused for: each code with its line, its value and its remedy in both languages."""

from collections.abc import Callable

import pytest

from shared.policy import KnownUnit, KnownUnits, PolicyError, load, review

SECOND_PROJECT = """  - key: again
    group: quality-2021
    type: again
    names: {zh: 再, en: Again}
    length: {years: 1}
    office: project-office
    cohorts:
      - {key: rural-teacher, kind: mentor, names: {zh: 再, en: Again}, quota: {shape: unstated}, eligibility: [], phases: []}
"""
HOW = "# ------------------------------------------------------------------ how"
BEFORE_7 = "offsets: [{before: {calendar_days: 7}}, {before: {calendar_days: 3}}, {before: {calendar_days: 1}}]"
LAST_OFFSET = "{after: {calendar_days: 1}}]\n      latest_useful: {anchor: class_start, before: {calendar_days: 0}}"
USELESS = "{after: {calendar_days: 1}}]\n      latest_useful: {anchor: itself, after: {hours: 12}}"
SCOPE = "scope: {plan_levels: [province]"

CASES = [
    ("P008", "group: quality-2021", "group: quality-2020", None, "项目组“quality-2020”未定义", "use one of: quality-2021."),
    ("P008", "mixed_forms:", "end_by: never\n  mixed_forms:", None, "“never”未定义", '"never" is not defined'),
    ("P008", "by: [registration-completion,", "by: [nothing,", None, "公式“nothing”未定义。请先定义", 'Formula "nothing"'),
    ("P008", "final_level: city", "final_level: town", None, "层级“town”未定义", "use one of: city, county, province, school."),
    ("P008", "list: reporting-units}\n    within", "list: all-units}\n    within", None, "单位名单“all-units”", "List of units"),
    ("P020", "by_level: city", "by_level: city", None, "", ""),
]


def _unit_cases() -> list[tuple[str, str, str, str | None, str, str]]:
    return [
        ("P020", '{by: "410000", persons', '{by: "990000", persons', None, "单位990000在2021-07-16不存在", "or import the unit first"),
        ("P021", '  root: "410000"', '  root: "410100"', None, "根单位410100不是发文单位410000", "Make units.root the issuer"),
        ("P021", 'authority: "410000"', 'authority: "410100"', None, "也不是其上级。请改为", "Name the issuer or a superior of it"),
        ("P022", "under: [province],", "under: [school],", None, "请自上而下排列层级", "List the levels top first"),
        ("P030", "opens: {date: 2021-07-16,", "opens: {date: 2021-07-31,", None, "“selection-due”的开始时间晚于", "fall due later"),
        ("P030", 'before: {calendar_days: 0}, at: "08:00"', 'after: {calendar_days: 2}, at: "08:00"', None, "“checkin”", "open earlier"),
        ("P031", "{before: {calendar_days: 10}}", "{before: {calendar_days: 10}}", None, "", ""),
    ]
