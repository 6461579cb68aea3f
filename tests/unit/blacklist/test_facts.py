"""The facts that a policy may sign are those that the integrity record shows by a name."""

from pathlib import Path

from shared.policy.bans import FACTS
from shared.texts import Texts

TEXTS = Texts.load(Path(__file__).parents[3] / "services" / "blacklist" / "texts.yaml")


def test_each_fact_of_the_format_has_its_words_on_the_record() -> None:
    assert {fact for fact in FACTS if f"fact.{fact}" not in TEXTS} == set()
