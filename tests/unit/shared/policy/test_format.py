"""Keys, types and provenance: each code with its line, its value and its remedy in both languages."""

from collections.abc import Callable

import pytest

from shared.policy import PolicyError, PolicyErrors, load, review
from tests.unit.shared.policy.told import assert_told

BECAUSE = '  because: "cities and counties select; who has the last word is not said"\n'
RURAL = "amount: {days: 15}, activities: [diagnosis, topic, visit"
TWO_NAMES = "{zh: 国培, en: National plan}"

CASES = [
    ("P002", "late: refuse", "latte: refuse", None, "“latte”不是本节的字段。是否指“late”", 'Did you mean "late"?'),
    ("P002", "overlap: refuse", "sums: null\n  overlap: refuse", None, "可用字段：overlap,", "section are: overlap, recheck,"),
    ("P002", "\nmoney:\n", "\ncash:\n", "cash:", "“cash”不是本节的字段。请删去", "the keys of this section are: format, policy,"),
    ("P003", "  end_by: null\n", "", "themes:", "缺少“end_by”。请补上；文件未规定的请写 null", "write null where the source"),
    ("P003", "  scheduled_by: institution\n", "", "themes:", "请补上；此项不能为 null", "this one can't be null"),
    ("P003", "shape: tree, total: 20,", "total: 20,", "total: 20,", "缺少“shape”", '"shape" is missing. Add it'),
    ("P004", "late: refuse", "late: sometimes", None, "可用值：refuse, record, override", "Allowed: refuse, record, override"),
    ("P004", "checkin: true", "checkin: yes", None, "“yes”不可用。可用值：true、false", "Allowed: true, false"),
    ("P004", "bulletins: []", "bulletins: {}", None, "可用值：一个列表", "Allowed: a list"),
    ("P004", "bulletins: []", "bulletins: null", None, "“null”不可用。可用值：一个列表", "Allowed: a list"),
    ("P004", "working_days: null", "working_days: 2021", None, "可用值：null", "Allowed: null"),
    ("P004", "check: marked", "check: liked", None, "可用值：age_at_most", "Allowed: age_at_most, years_at_least"),
    ("P004", 'default_at: "09:00"', "default_at: 09:00", None, '请写成"09:00"', 'Write "09:00" in quotes'),
    ("P004", '  root: "410000"', "  root: 410000", None, '请写成"410000"', 'Write "410000" in quotes'),
    ("P004", "timezone: Asia/Shanghai", "timezone: Asia/Peking", None, "可用值：Asia/Shanghai", "Allowed: Asia/Shanghai"),
    ("P005", "key: diagnosis", "key: Diagnosis", None, "“Diagnosis”重复，或不是小写ASCII", "unique, of lower-case letters"),
    ("P005", "{key: bulletins-due,", "{key: notice-due,", None, "请改用唯一的代码", "Choose one that is unique"),
    ("P006", TWO_NAMES, "{zh: 国培}", None, "“names”缺少英文。请补上 zh 和 en", "no English text. Give both zh and en"),
    ("P006", TWO_NAMES, '{zh: "", en: N}', None, "“names”缺少中文", '"names" has no Chinese text'),
    ("P007", "{date: 2021-08-20", "{date: 2021-08-32", None, "“2021-08-32”不是有效的日期", "a real day, as 2021-07-30"),
    ("P007", RURAL, RURAL.replace("15", "1.5"), None, "请写不小于0的整数", "Write a whole number of 0 or more"),
    ("P007", RURAL, RURAL.replace("15", "-5"), None, "“-5”不是有效的", "Write a whole number of 0 or more"),
    ("P007", RURAL, RURAL.replace("15", "15, hours: 3"), None, "恰好一个单位", "Write exactly one unit"),
    ("P007", "warn_below: null", "warn_below: 0.3", None, '加引号的小数，如"0.50"', 'in quotes, as "0.50"'),
    ("P007", "warn_below: null", 'warn_below: "1.3"', None, "恰好一个单位", "is no valid date, amount"),
    ("P007", 'at: "12:00"', 'at: "25:00"', None, "“25:00”不是有效的", 'as "09:00"'),
    ("P007", "{date: 2021-08-10}", "{date: 2021-08-10, anchor: itself}", None, "恰好一个单位", "Write exactly one unit"),
    ("P007", "count: {min: 3}", "count: {min: 3, max: 2}", None, "“min: 3, max: 2”不是有效的", '"min: 3, max: 2" is no valid'),
    ("P009", BECAUSE, "", "path: [school", "“selection”标为推定，但未写理由。请在 because 中", "Give the reason in one line"),
    ("P010", "Expert group}, address: configured", "Expert group}, address: room 3", None, "地址写 configured", "write configured"),
    ("P010", "bulletins: []", "bulletins: []  # 0371-00000110", None, "政策文件不得载有联系方式", "carries no phone, mail or ID number"),
    ("P010", "bulletins: []", "bulletins: []  # a@example.org", None, "政策文件不得载有联系方式", "set the address in configuration"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "old", "new", "at", "zh", "en"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_refused_with_line_and_remedy(
    broken: Callable[..., PolicyError], code: str, old: str, new: str, at: str | None, zh: str, en: str
) -> None:
    assert_told(broken(old, new, at), code, zh, en)


def test_every_mistake_is_told_in_the_order_of_the_lines(text: str) -> None:
    bad = (
        text.replace("late: refuse", "late: sometimes")
        .replace("checkin: true", "checkin: yes")
        .replace("  end_by: null\n", "")
    )
    with pytest.raises(PolicyErrors) as refused:
        load(bad)
    errors = refused.value.errors
    assert [error.code for error in errors] == ["P004", "P004", "P003"]
    assert [error.line for error in errors] == sorted(error.line for error in errors)
    assert str(refused.value).splitlines() == [error.en for error in errors]


def test_another_kind_of_file_is_one_mistake() -> None:
    policy, said = review("format: shipei-units/1\ndataset: x\n")
    assert policy is None
    assert [(error.code, error.path) for error in said] == [("P004", "format")]
    assert "shipei-policy/1" in said[0].en


def test_provenance_is_allowed_everywhere_and_kept(text: str) -> None:
    policy = load(text.replace("amount: {days: 15}", "amount: {days: 15, rules: [K21], note: as printed}"))
    amount = policy.projects[0].cohorts[0].phases[0].amount
    assert (amount.days, amount.rules, amount.note) == (15, ("K21",), "as printed")
    assert policy.notes["documents"].rules == ("D12",)
    assert policy.participation.notes["accepted_reasons"].because == "the notice lists no reasons"


@pytest.mark.rule("A13")
@pytest.mark.parametrize("contact", ["13900000000", "0371-00000110", "office@example.org", "410000190001010000"])
def test_a_contact_printed_in_a_notice_cannot_get_into_a_policy(text: str, contact: str) -> None:
    _, said = review(text.replace("address: configured, serves: all", f'address: "{contact}", serves: all'))
    assert {error.code for error in said} == {"P010"}
    assert not any(contact in sentence for error in said for sentence in (error.zh, error.en))
