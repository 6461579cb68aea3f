"""The words that a policy's reminders may use are those that the planner acts on, no more and no fewer."""

import ast
from pathlib import Path

from services.notify.planning import domain
from shared.policy.reminders import EVENTS, NEVER_SETTLED, STOPS


def words() -> set[str]:
    """Every text in the planner's decisions."""
    files = Path(domain.__file__).parent.glob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_each_event_of_the_format_is_an_anchor_of_the_planner_and_each_anchor_is_in_the_format() -> None:
    said = {word.removeprefix("event:").partition("#")[0] for word in words()}
    assert said >= EVENTS
    anchors = {word.removeprefix("event:").partition("#")[0] for word in words() if word.startswith("event:")}
    assert anchors - {""} <= EVENTS


def test_each_reason_to_stop_is_one_that_the_planner_settles() -> None:
    assert {word.partition("@")[0] for word in words()} >= STOPS - NEVER_SETTLED
