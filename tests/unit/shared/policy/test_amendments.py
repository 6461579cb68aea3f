"""An amendment is the whole file again: what differs, and what is closed by what has happened."""

import json
import re
from typing import Any

import pytest

from shared.policy import Change, Policy, Since, UnitsFile, amend, compare, from_dict, refusals

GONE = object()
OPENED = Since(opened=frozenset({"rural"}))
CLOSED = Since(opened=frozenset({"rural"}), closed=frozenset({"rural"}))
SELECTED = Since(selected={"rural-teacher": {"410100": 12}})
RURAL = "projects[rural].cohorts[rural-teacher]"


def as_json(policy: Policy) -> Any:
    """As an event carries it."""
    return json.loads(json.dumps(policy.to_dict()))


def revised(policy: Policy, path: str, value: Any) -> Policy:
    """The next revision with one value set, or taken out."""
    tree = as_json(policy)
    tree["policy"] |= {"revision": 2, "amends": {"revision": 1, "effective_from": "2021-08-01", "reason": "r"}}
    *steps, last = re.findall(r"[^.\[\]]+", path)
    node = tree
    for step in steps:
        node = node[step] if isinstance(node, dict) else next(i for i in node if i["key"] == step)
    if isinstance(node, list):
        node[:] = [i for i in node if i["key"] != last] + ([] if value is GONE else [value])
    elif value is GONE:
        del node[last]
    else:
        node[last] = value
    return from_dict(tree)


def codes(old: Policy, new: Policy, since: Since) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in refusals(old, new, since)]


def test_a_file_differs_from_itself_in_nothing(policy: Policy) -> None:
    assert compare(policy, policy) == ()


@pytest.mark.parametrize(
    ("path", "value", "change"),
    [
        ("deadlines[reports-due].late", "refuse", ("changed", "record", "refuse")),
        (f"{RURAL}.quota.allocation.410200", 3, ("added", None, 3)),
        ("forms[practice]", GONE, ("removed", {"key": "practice"}, None)),
        ("rankings[units-2021].beside", ["sending"], ("changed", ("sending", "completion"), ("sending",))),
    ],
)
def test_each_entry_is_compared_by_its_key(policy: Policy, path: str, value: Any, change: tuple[str, Any, Any]) -> None:
    (found,) = compare(policy, revised(policy, path, value))
    kind, old, new = change
    assert (found.path, found.kind, found.new) == (path, kind, new)
    assert found.old == old or found.old["key"] == old["key"]


def test_the_order_of_keyed_entries_means_nothing(policy: Policy) -> None:
    tree = as_json(policy)
    tree["projects"].reverse()
    assert compare(policy, from_dict(tree)) == ()
    tree["policy"]["names"]["en"] = "Other"
    assert compare(policy, from_dict(tree)) == (Change("policy.names.en", "changed", policy.names.en, "Other"),)


@pytest.mark.parametrize(
    ("since", "path", "value"),
    [
        (Since(), "policy.year", 2022),
        (Since(), "units.root", "410100"),
        (Since(), "projects[rural]", GONE),
        (Since(), "projects[trainers-province].cohorts[mentor]", GONE),
        (Since(), "formulas[sending]", GONE),
        (Since(), "ban", None),
        (SELECTED, f"{RURAL}.quota.shape", "unstated"),
        (SELECTED, f"{RURAL}.quota.allocation.410100", 11),
        (OPENED, "projects[rural].type", "other"),
        (OPENED, "groups[quality-2021].plan_level", "national"),
        (OPENED, f"{RURAL}.phases[online]", GONE),
        (OPENED, f"{RURAL}.phases[online].form", "practice"),
        (OPENED, f"{RURAL}.phases[online].amount.hours", 31),
        (OPENED, "forms[online].checkin", True),
        (OPENED, "documents[demonstration-lesson].count", {"min": 2, "max": 2}),
        (OPENED, "documents[demonstration-lesson].parts", ["a", "b"]),
        (OPENED, "documents[publicity].blocks", "completion"),
        (OPENED, "participation.accepted_reasons[illness]", GONE),
        (OPENED, "ban.scope.forms", "all"),
        (OPENED, "ban.length.years", 2),
        (OPENED, "ban.causes[dismissed].excusable", False),
        (CLOSED, "participation.substitution.unqualified_may_be_replaced", False),
        (CLOSED, "formulas[checkin].exclude", ["excused"]),
    ],
)
def test_p120_what_is_closed_stays(policy: Policy, since: Since, path: str, value: Any) -> None:
    old = policy if path != "documents[publicity].blocks" else revised_project(policy)
    new = revised(old, path, value)
    found = [(code, at) for code, at in codes(old, new, since) if code == "P120"]
    assert found
    assert all(at.startswith(path) for _, at in found)


def revised_project(policy: Policy) -> Policy:
    """The same year with a document that the rural project alone owes."""
    tree = as_json(policy)
    next(d for d in tree["documents"] if d["key"] == "publicity")["projects"] = ["rural"]
    return from_dict(tree)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("policy.names.en", "Other"),
        ("ban.scope.rules", ["L06", "L11"]),
        (f"{RURAL}.phases[online].amount.hours", 29),
        ("projects[backbone].type", "other"),
        ("forms[practice].checkin", True),
        ("documents[demonstration-lesson].accept", ["pdf"]),
        ("documents[standard-lesson].count", {"min": 2, "max": 2}),
        ("deadlines[reports-due].due.after.calendar_days", 40),
        ("participation.attendance.min_share", "0.90"),
        ("reminders.default_at", "10:00:00"),
        (f"{RURAL}.quota.allocation.410100", 25),
    ],
)
def test_what_is_milder_elsewhere_or_only_said_may_change(policy: Policy, path: str, value: Any) -> None:
    since = Since(selected=SELECTED.selected, opened=OPENED.opened, closed=CLOSED.closed)
    assert compare(policy, revised(policy, path, value))
    assert codes(policy, revised(policy, path, value), since) == []


def test_before_anything_happened_almost_everything_may_change(policy: Policy) -> None:
    assert codes(policy, revised(policy, "ban.length.years", 2), Since()) == []
    assert codes(policy, revised(policy, f"{RURAL}.phases[online].amount.hours", 31), Since()) == []


def test_an_unstated_quota_may_become_any(policy: Policy) -> None:
    quota = {"shape": "tree", "total": 5, "allocation": {"410100": 5}}
    new = revised(policy, "projects[backbone].cohorts[backbone-teacher].quota", quota)
    assert codes(policy, new, Since(selected={"backbone-teacher": {"410100": 5}})) == []


@pytest.mark.rule("M07")
def test_a_frozen_bulletin_keeps_its_formulas_and_table_rules(zhengzhou: Policy) -> None:
    frozen = Since(frozen=frozenset({"bulletin-2022"}))
    (bulletin,) = zhengzhou.bulletins
    assert (bulletin.frozen, bulletin.restatement, bulletin.every) == (True, "with_reason", "year")
    for path, value in (("table_rules.min_size", 5), ("rankings[units-2022].leave_out", {"projects": ["it-ability"]})):
        assert codes(zhengzhou, revised(zhengzhou, path, value), frozen) == [("P120", path)]
        assert codes(zhengzhou, revised(zhengzhou, path, value), Since()) == []
    assert codes(zhengzhou, revised(zhengzhou, "formulas[sending].denominator", "expected"), frozen) == [
        ("P091", "formulas[sending].version"),
        ("P120", "formulas[sending].denominator"),
    ]


def test_p091_a_formula_changes_with_its_version(policy: Policy) -> None:
    other = revised(policy, "formulas[on-time].numerator", "documents_due")
    assert codes(policy, other, Since()) == [("P091", "formulas[on-time].version")]
    tree = as_json(other)
    next(f for f in tree["formulas"] if f["key"] == "on-time")["version"] = 2
    assert codes(policy, from_dict(tree), Since()) == []


def test_refusals_are_told_with_line_and_remedy(text: str, policy: Policy, units: UnitsFile) -> None:
    bad = text.replace("  revision: 1\n", "  revision: 2\n").replace(
        "  amends: null\n", "  amends: {revision: 1, effective_from: 2021-08-01, reason: r}\n"
    )
    assert amend(bad, policy, OPENED, units)[1] == ()
    bad = bad.replace("  length: {years: 3}", "  length: {years: 4}").replace(
        "denominator: expected", "denominator: quota"
    )
    formula, ban = amend(bad, policy, OPENED, units)[1]
    assert (formula.code, ban.code, ban.path) == ("P091", "P120", "ban.length.years")
    assert "key: checkin, version: 1" in bad.splitlines()[formula.line - 1]
    assert bad.splitlines()[ban.line - 1] == "  length: {years: 4}"
    assert "公式“checkin”内容已变，版本号未变。请把 version 加一" in formula.zh
    assert ban.zh == f"第{ban.line}行，ban.length.years：自首班开班起不可修改：禁训规则以开班时为准。请恢复原文。"
    assert ban.en.endswith(
        "since the first class opened: bans follow the rule of the opening. Put back what stood there."
    )


def test_p120_a_revision_follows_the_latest(text: str, policy: Policy, units: UnitsFile) -> None:
    (error,) = amend(text, policy, Since(), units)[1]
    assert (error.code, error.path) == ("P120", "policy.revision")
    assert text.splitlines()[error.line - 1] == "  revision: 1"
    assert "请写 revision: 2" in error.zh
    assert "the latest revision is 1, and this file does not follow it. Write revision: 2" in error.en
