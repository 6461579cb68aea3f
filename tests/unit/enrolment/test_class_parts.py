"""What the pages of a class say of a policy is in the policy's own units and names."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.events import Names
from shared.pages.environment import build
from shared.policy.common import Moment
from shared.texts import Texts

SERVICE = Path(__file__).parents[3] / "services" / "enrolment"
TEXTS = Texts.load(SERVICE / "texts.yaml")
PAGES = {lang: build(lang, TEXTS, sorted(SERVICE.glob("*/templates"))) for lang in ("zh", "en")}


def said(macro: str, **values: Any) -> tuple[str, str]:
    """A call of a macro in both languages."""
    text = f'{{% import "class_parts.html" as parts %}}{{{{ parts.{macro} }}}}'
    zh, en = [PAGES[lang].from_string(text).render(**values).strip() for lang in ("zh", "en")]
    return zh, en


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        ({"anchor": "class_start", "before": {"calendar_days": 10}}, "开班前10天", "10 days before the class start"),
        ({"anchor": "class_start", "before": {"working_days": 3}}, "开班前3个工作日", "3 working days before the class start"),
        ({"anchor": "class_start", "before": {"weeks": 1}}, "开班前1周", "1 week before the class start"),
        ({"anchor": "project_end", "after": {"months": 2}}, "培训结束后2个月", "2 months after the end of training"),
        ({"anchor": "class_end", "after": {"years": 1}}, "班级结束后1年", "1 year after the class end"),
        ({"anchor": "class_end", "after": {"hours": 36}}, "班级结束后36小时", "36 hours after the class end"),
        ({"anchor": "class_end", "before": {"weeks": 2}}, "班级结束前2周", "2 weeks before the class end"),
        ({"anchor": "class_start"}, "开班当天", "on the day of the class start"),
        ({"anchor": "class_end", "after": {"calendar_days": 0}}, "班级结束当天", "on the day of the class end"),
        ({"date": "2031-05-01"}, "统一规定", "fixed date"),
    ],
)  # fmt: skip
def test_a_due_date_is_explained_in_the_unit_that_the_policy_counts_in(moment: Any, zh: str, en: str) -> None:
    assert said("rule(m)", m=msgspec.convert(moment, Moment)) == (zh, en)


def test_what_no_day_is_set_for_is_counted_in_no_way() -> None:
    assert said("rule(m)", m=None) == ("–", "–")


class Entry(msgspec.Struct):
    key: str
    names: Names


class Given(msgspec.Struct):
    """The parts of a policy or of a place that a page reads, by their names."""

    levels: list[Entry] = []
    accepted_reasons: list[Entry] = []
    accepted_by: Any = None
    level: str = ""
    units: Any = None
    participation: Any = None
    excuse_reason: str = ""


def test_reasons_and_levels_have_the_names_that_the_policy_gives_them() -> None:
    reasons = [Entry("cold", Names("严寒", "Cold")), Entry("sandstorm", Names("沙尘暴", "Sandstorm & dust"))]
    policy = Given(
        units=Given(levels=[Entry("league", Names("盟", "League")), Entry("banner", Names("旗", "Banner"))]),
        participation=Given(accepted_reasons=reasons, accepted_by=Given(level="banner")),
    )
    zh, en = said("excused(p, policy)", p=Given(excuse_reason="sandstorm"), policy=policy)
    assert "特殊情况：沙尘暴" in zh
    assert "excused: Sandstorm &amp; dust" in en
    assert "所在的<b>旗</b>" in said("accepted_by(policy)", policy=policy)[0].replace("strong>", "b>")
