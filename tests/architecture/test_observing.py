"""Alerts and dashboards as files: each question is PromQL, each alert has its answer and its cases."""

import re

import pytest

from deploy.local.paths import ROOT
from tests.support.observing import Question, alerts, answered, asked, dashboards, questions, read

EVERY = list(questions())
HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.where)
def test_a_question_is_promql_and_shows_only_labels_that_its_answer_has(question: Question) -> None:
    labels = answered(question.tree)
    assert list(asked(question.tree)), "asks of no metric"
    assert labels is None or question.shown <= labels


def test_a_label_that_the_answer_lacks_and_what_is_no_promql_are_noticed() -> None:
    wrong = Question("x", "1 * max by (service) (shipei_parked)", "{{ $labels.instance }} {{ $value }} {{service}}")
    assert wrong.shown - (answered(wrong.tree) or set()) == {"instance"}
    assert list(asked(wrong.tree)) == [("shipei_parked", frozenset({"service"}))]
    with pytest.raises(ValueError, match="parenthesis"):
        _ = Question("x", "max(", "").tree


@pytest.mark.parametrize("rule", alerts(), ids=lambda r: r["alert"])
def test_an_alert_says_what_is_the_matter_and_where_its_answer_stands(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    chinese, _, english = rule["annotations"]["summary"].partition(" / ")
    assert HAN.search(chinese)
    assert english
    assert not HAN.search(english)
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    answer = answers((ROOT / page).read_text("utf-8"))[anchor]
    for part in ("**Means**", "**Harms**", "**Look**", "**Do**"):
        assert part in answer, f"{anchor} lacks {part}"


def answers(page: str) -> dict[str, str]:
    """The parts of a page by the anchor of their heading."""
    parts = page.split("\n## ")[1:]
    return {part.partition("\n")[0].lower().replace(" ", "-"): part for part in parts}


def test_no_answer_is_left_over() -> None:
    page = (ROOT / "docs/operations/alerts.md").read_text("utf-8")
    assert set(answers(page)) == {rule["alert"].lower() for rule in alerts()}


def test_each_alert_has_a_case_in_which_it_fires() -> None:
    tests = read("alerts.test.yml")["tests"]
    fires = {s["labels"] for t in tests for e in t["promql_expr_test"] for s in e["exp_samples"]}
    assert fires == {f'{{alertname="{rule["alert"]}"}}' for rule in alerts()}


def test_dashboards_are_three_and_ask_the_source_that_is_provided() -> None:
    source = read("grafana/provisioning/datasources/prometheus.yml")["datasources"][0]["uid"]
    boards = dashboards()
    assert set(boards) == {"pipeline", "messages", "business"}
    assert len({b["uid"] for b in boards.values()}) == len(boards)
    panels = [p for b in boards.values() for p in b["panels"]]
    assert {p["datasource"]["uid"] for p in panels} == {source}
    assert all(HAN.search(p["title"]) and " / " in p["title"] for p in panels)
