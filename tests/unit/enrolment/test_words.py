"""Every refusal and every text that the code names has its words in both languages."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from services.enrolment.wording.service import problem, said
from shared.events.base import Names
from shared.policy.eligibility import Condition
from shared.texts import Texts
from tests.unit.enrolment.given import NOW

SERVICE = Path(__file__).parents[3] / "services" / "enrolment"
TEXTS = Texts.load(SERVICE / "texts.yaml")
REFUSALS = {"Refusal", "Finding", "Mistake", "Problem", "problem", "said", "_wrong"}
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")
CHOSEN = {"school-missing", "school-unknown", "school-ambiguous", "quota-exceeded", "quota-exceeded-selected"}
RECORDED = {"age_at_most", "years_at_least", "role_in", "school_kind_in", "school_is_rural", "marked"}


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def codes() -> set[str]:
    calls = [
        node
        for path in SERVICE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and called(node) in REFUSALS
    ]
    constants = [a.value for call in calls for a in call.args if isinstance(a, ast.Constant)]
    return {c for c in constants if isinstance(c, str) and CODE.fullmatch(c)}


def test_every_refusal_has_a_title_a_detail_and_a_remedy() -> None:
    assert {"quota-used-up", "id-missing", "selection-closed"} <= codes()
    parts = {f"problems.{code}.{part}" for code in codes() | CHOSEN for part in ("title", "detail", "remedy")}
    assert sorted(p for p in parts if p not in TEXTS) == []


def test_every_condition_that_is_recorded_has_its_words() -> None:
    checks = {c.__struct_config__.tag for c in get_args(Condition)}
    assert checks > RECORDED
    assert all(f"problems.condition-{c.replace('_', '-')}.detail" in TEXTS for c in RECORDED)


def test_templates_name_texts_that_exist() -> None:
    pattern = re.compile(r"\bt\(\"([\w.-]+)\"[,)]")
    named = {k for p in SERVICE.rglob("*.html") for k in pattern.findall(p.read_text("utf-8"))}
    assert sorted(k for k in named if k not in TEXTS) == []


@pytest.mark.parametrize(
    ("code", "values", "zh"),
    [
        ("quota-used-up", {"places": 20, "unit": Names("新密市", "Xinmi")}, "新密市20个名额已用完。"),
        ("quota-used-up", {"places": 20, "unit": {"zh": "新密市", "en": "Xinmi"}}, "新密市20个名额已用完。"),
        ("dates-overlap", {"starts_on": "2021-08-20", "ends_on": "2021-09-03"}, "8月20日至9月3日已有别的培训。"),
        ("condition-school-kind-in", {"school_kinds": ["township"]}, "所在学校不是乡镇学校。"),
        ("condition-role-in", {"roles": ["coach", "head"]}, "岗位不在coach、head之内。"),
        ("already-registered", {"at": NOW.isoformat()}, "已在7月20日 09:00注册。"),
    ],
)
def test_values_are_said_the_same_from_a_decision_and_from_storage(
    code: str, values: dict[str, object], zh: str
) -> None:
    assert said(TEXTS, code, values)["zh"].startswith(zh)


def test_a_whole_request_can_be_refused_in_the_same_words() -> None:
    body = problem(TEXTS, 409, "condition-school-kind-in", {"school_kinds": ["township"]}).body(TEXTS, "/x")
    assert body["zh"]["detail"] == "所在学校不是乡镇学校。"
    assert body["en"]["detail"] == "The person's school is not a township school."
