"""Who a row of the ledger is for, as its page says it."""

from pathlib import Path

import pytest

from shared.events import Names
from shared.pages.environment import build
from shared.texts import Texts

SERVICE = Path(__file__).parents[3] / "services" / "notify"
TEXTS = Texts.load(SERVICE / "texts.yaml")
WARDEN = Names("宿管", "Warden & guard")


@pytest.mark.parametrize(
    ("role", "zh", "en"), [(WARDEN, "宿管", "Warden &amp; guard"), (None, "班级人员", "Class staff")]
)
def test_whoever_runs_a_class_has_the_name_that_the_year_gives_the_role(role: Names | None, zh: str, en: str) -> None:
    source = '{% import "ledger_parts.html" as parts with context %}{{ parts.recipient("staff", "c:warden", {}, {}, "c", role) }}'
    said = [
        build(lang, TEXTS, [SERVICE / "ledger" / "templates"]).from_string(source).render(role=role).strip()
        for lang in ("zh", "en")
    ]
    assert said == [zh, en]
