"""What a scrape tells when a source of figures is silent: everything else, and that one is."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.consumer import Consumer
from shared.service import _measure
from shared.telemetry import metrics as under_test
from shared.telemetry.metrics import Metrics, disk

Told = dict[str, float]


async def scraped(metrics: Metrics) -> Told:
    families = text_string_to_metric_families((await metrics.exposition()).decode())
    return {s.name: s.value for f in families for s in f.samples if not s.name.endswith("_created")}


class Source:
    """A measure that answers, raises or never comes back."""

    def __init__(self) -> None:
        self.mood = "well"

    async def __call__(self) -> Mapping[str, float]:
        if self.mood == "broken":
            raise ConnectionError
        if self.mood == "silent":
            await asyncio.Event().wait()
        return {"behind": 7}


@pytest.mark.parametrize("mood", ["broken", "silent"])
async def test_a_source_that_fails_takes_no_other_with_it(mood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "PATIENCE", 0.05)
    metrics, source = Metrics("notify"), Source()
    metrics.add(source)
    metrics.add(disk)
    assert (await scraped(metrics))["shipei_behind"] == 7
    source.mood = mood
    told = await scraped(metrics)
    assert "shipei_behind" not in told, "an old value is no value"
    assert told["shipei_measures_failed"] == 1
    assert 0 < told["shipei_disk_free_bytes"] < told["shipei_disk_bytes"]
    source.mood = "well"
    told = await scraped(metrics)
    assert (told["shipei_behind"], told["shipei_measures_failed"]) == (7, 0)


async def test_a_counter_begins_at_nothing_for_each_value() -> None:
    metrics = Metrics("notify")
    add = metrics.counter("calls", "calls", channel=("sms", "email"), result=("accepted", "rejected"))
    add(channel="sms", result="rejected")
    lines = [
        line for line in (await metrics.exposition()).decode().splitlines() if line.startswith("shipei_calls_total")
    ]
    assert sorted(lines) == [
        'shipei_calls_total{channel="email",result="accepted",service="notify"} 0.0',
        'shipei_calls_total{channel="email",result="rejected",service="notify"} 0.0',
        'shipei_calls_total{channel="sms",result="accepted",service="notify"} 0.0',
        'shipei_calls_total{channel="sms",result="rejected",service="notify"} 1.0',
    ]


async def test_with_kafka_away_the_process_still_tells_what_it_has_done() -> None:
    """A consumer that was never started can't ask how far it is behind."""
    metrics, consumer = Metrics("notify"), Consumer("reader", [], None, None)  # type: ignore[arg-type]  # reads nothing here
    consumer.counts["applied"] = 5
    runtime = SimpleNamespace(db=None, consumer=consumer)
    _measure(SimpleNamespace(measures=None), runtime, metrics)  # type: ignore[arg-type]  # the parts that it looks at
    told = await scraped(metrics)
    assert (told["shipei_consumer_applied"], told["shipei_consumer_alarms"], told["shipei_consumer_ready"]) == (5, 0, 0)
    assert "shipei_consumer_behind" not in told
