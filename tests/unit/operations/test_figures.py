"""The drill's comparison: it holds for what should be, and each single difference makes it fail."""

from typing import Any

import pytest

from deploy.demo.ledger import Ledger
from deploy.local import topics
from deploy.operations import history
from deploy.operations.drill import show
from deploy.operations.figures import Figures, compare

ACCEPTED = ("a", "b", "c")
EVERYWHERE = frozenset(ACCEPTED)
AT_REST: dict[str, Any] = {
    "registered": dict.fromkeys(("enrolment", "reporting", "topics"), EVERYWHERE),
    "unknown": [],
    "behind": 0,
    "waiting": {"enrolment": 0, "reporting": 0},
}


def judged(**changes: Any) -> Ledger:
    ledger = Ledger()
    compare(ledger, "now", ACCEPTED, Figures(**(AT_REST | changes)))
    return ledger


def test_equal_figures_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(judged()) == 0
    assert "≠" not in capsys.readouterr().out


@pytest.mark.parametrize("witness", ["enrolment", "reporting", "topics"])
@pytest.mark.parametrize("found", [{"a", "b"}, {"a", "b", "c", "d"}, {"a", "b", "d"}])
def test_a_witness_that_has_less_more_or_others_is_seen(witness: str, found: set[str]) -> None:
    assert not judged(registered=AT_REST["registered"] | {witness: frozenset(found)}).holds


@pytest.mark.parametrize(
    "changes", [{"unknown": [{"stream": "a"}]}, {"behind": 1}, {"waiting": {"enrolment": 0, "reporting": 2}}]
)
def test_what_is_left_over_is_seen_and_ends_with_1(changes: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert show(judged(**changes)) == 1
    assert capsys.readouterr().out.count("≠") == 1


def test_a_drill_that_compared_nothing_does_not_hold() -> None:
    assert show(Ledger()) == 1


def test_events_beyond_what_a_database_knows_are_found() -> None:
    records = [{"topic": "t", "stream": s, "version": v} for s, v in (("old", 1), ("old", 2), ("old", 3), ("new", 1))]
    unknown = history.unknown(records, {("t", "old"): 2, ("another", "new"): 1})
    assert [(r["stream"], r["version"]) for r in unknown] == [("old", 3), ("new", 1)]


def test_every_topic_is_looked_up_in_its_producers_database() -> None:
    sql = " ".join(getattr(history.Q, service) for service in history.PRODUCERS)
    assert {t for t in topics.definition()["topics"] if f"'{t}'" not in sql} == set()
