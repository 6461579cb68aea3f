"""What alerts and dashboards ask for is what the running services tell."""

import re
from collections import defaultdict

from prometheus_client.parser import text_string_to_metric_families

from deploy.local.paths import SERVICES
from deploy.local.stack import Stack
from shared.client import client
from tests.support.observing import alerts, asked, questions, read

OF_PROMETHEUS = {"up": set[str]()}
AT_SCRAPE = {"job", "instance"}


async def told(stack: Stack) -> dict[str, set[str]]:
    """Each sample's name with its labels, as the four processes tell them."""
    found: dict[str, set[str]] = defaultdict(set)
    async with client(20) as http:
        for name in SERVICES:
            await http.get(f"{stack.urls[name]}/{name}/readyz")  # something to count
            answer = await http.get(f"{stack.urls[name]}/{name}/metrics")
            for family in text_string_to_metric_families(answer.raise_for_status().text):
                for sample in family.samples:
                    found[sample.name] |= set(sample.labels)
    return found


async def test_every_metric_and_label_that_is_asked_for_is_told(stack: Stack) -> None:
    known = OF_PROMETHEUS | await told(stack)
    pairs = [(q.where, metric, labels) for q in questions() for metric, labels in asked(q.tree)]
    assert {metric for _, metric, _ in pairs} <= set(known)
    assert not [p for p in pairs if not p[2] <= known[p[1]] | AT_SCRAPE]


def test_each_service_is_scraped_where_it_tells() -> None:
    (job,) = read("prometheus.yml")["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert found["names"] == list(SERVICES)
    paths = [rule for rule in job["relabel_configs"] if rule["target_label"] == "__metrics_path__"]
    assert paths == [
        {"source_labels": ["__meta_dns_name"], "target_label": "__metrics_path__", "replacement": "/$1/metrics"}
    ]


def test_a_service_that_is_gone_with_all_its_replicas_is_missed() -> None:
    """Whom the name service no longer knows nobody scrapes, so that there is no `up` which could be 0."""
    (rule,) = [rule for rule in alerts() if rule["alert"] == "ServiceDown"]
    assert re.findall(r'absent\(\w+\{service="(\w+)"\}\)', rule["expr"]) == list(SERVICES)
