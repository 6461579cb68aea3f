"""Alerts and dashboards as files: each question is PromQL, each alert has its answer and its cases."""

import asyncio
import re
from collections.abc import Iterator
from http import HTTPStatus

import msgspec
import promql_parser as promql
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.paths import ROOT, SERVICES
from services.notify.jobs import CHANNELS
from services.notify.sending.domain import RESULTS
from shared.telemetry.metrics import Metrics
from tests.support.observing import Question, alerts, answered, asked, dashboards, matchers, questions, read

EVERY = list(questions())
HAN = re.compile(r"[\u3400-\u9fff]")
AT_SCRAPE = {"job", "instance"}
COMPOSE = msgspec.yaml.decode((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
PORT = int(re.findall(r"SHIPEI_PORT=(\d+)", (ROOT / "deploy/containers/Dockerfile").read_text())[0])


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


def labels() -> dict[str, set[str]]:
    """The labels of each sample that has more of them than its service, as a process writes them."""
    metrics = Metrics("notify")
    metrics.counter("calls", "calls", channel=CHANNELS, result=RESULTS)
    metrics.observe("/", 200, 0.1)
    text = asyncio.run(metrics.exposition()).decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {"up": set(), **{sample.name: set(sample.labels) for sample in samples}}


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.where)
def test_a_question_asks_for_labels_and_values_that_there_are(question: Question) -> None:
    """A wrong one is no mistake to Prometheus: the answer is empty, and the alert silent for ever."""
    told = labels()
    for metric, wanted in asked(question.tree):
        assert wanted <= told.get(metric, {"service"}) | AT_SCRAPE, metric
    values = {"service": SERVICES, "job": jobs(), "channel": CHANNELS, "result": RESULTS,
              "status": [str(s.value) for s in HTTPStatus]}  # fmt: skip
    for matcher in matchers(question.tree):
        exact = matcher.op in (promql.MatchOp.Equal, promql.MatchOp.NotEqual)
        pattern = re.escape(matcher.value) if exact else matcher.value
        assert any(re.fullmatch(pattern, value) for value in values[matcher.name]), matcher


def jobs() -> list[str]:
    return [job["job_name"] for job in read("prometheus.yml")["scrape_configs"]]


def test_prometheus_looks_where_the_image_listens_and_reads_the_rules_that_there_are() -> None:
    config = read("prometheus.yml")
    for job in config["scrape_configs"]:
        for found in job["dns_sd_configs"]:
            assert found == {"names": list(SERVICES), "type": "A", "port": PORT}
            assert set(found["names"]) <= set(COMPOSE)
    mounted = dict(mounts("prometheus"))
    assert mounted["./deploy/observe/prometheus.yml"] == "/etc/prometheus/prometheus.yml"  # where the image looks
    assert config["rule_files"]
    for name in config["rule_files"]:
        assert (
            mounted[f"./deploy/observe/{name}"] == f"/etc/prometheus/{name}"
        )  # beside it, so that the name leads there
        assert read(name)["groups"]
    assert read("alerts.test.yml")["rule_files"] == config["rule_files"]


def test_grafana_finds_its_source_and_its_dashboards() -> None:
    mounted = dict(mounts("grafana"))
    assert mounted["./deploy/observe/grafana/provisioning"] == "/etc/grafana/provisioning"  # where the image looks
    (provider,) = read("grafana/provisioning/dashboards/files.yml")["providers"]
    assert mounted["./deploy/observe/grafana/dashboards"] == provider["options"]["path"]
    (source,) = read("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    (published,) = COMPOSE["prometheus"]["ports"]
    assert source["url"] == f"http://prometheus:{published.rpartition(':')[2]}"


def mounts(name: str) -> Iterator[tuple[str, str]]:
    for volume in COMPOSE[name]["volumes"]:
        source, target = str(volume).split(":")[:2]
        yield source, target


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
