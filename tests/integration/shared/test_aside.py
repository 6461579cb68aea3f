"""A record that is no event can be looked at and put aside for good; an event, or what may be the missing one, can't."""

import json
import os
import subprocess
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.child import python
from deploy.local.paths import ROOT
from deploy.local.stack import Stack, programs
from shared.aside import lately, put_aside, unidentified
from shared.auth import COOKIE
from shared.client import client
from shared.parking import Redriven, list_parked, redrive
from shared.problems import Problem
from shared.sender import Sender
from shared.telemetry.metrics import plumbing
from tests.integration.shared.rig import TOPIC, Rig, read_all, row
from tests.support.stack import RunService, stepper
from tests.support.visitor import token

WHY, WHO = "sent by hand while trying a tool", "ops-1"
NO_EVENT: dict[str, Any] = {"ce_specversion": None, "ce_stream": None, "payload": b"hello\x00 world"}


async def park(rig: Rig, *rows: dict[str, Any]) -> Any:
    """Send records and read them; gives the id of the only one that is no event."""
    await rig.send_raw(rows)
    async with rig.reading() as consumer:
        await read_all(consumer)
    (found,) = await unidentified(rig.db)
    return found


async def refusal(rig: Rig, record: int) -> str:
    with pytest.raises(Problem) as refused:
        await put_aside(rig.db, record, WHY, WHO)
    return refused.value.code


async def test_what_came_from_where_is_shown_and_put_aside_it_is_kept_and_alarms_nobody(rig: Rig) -> None:
    found = await park(rig, row("a", 1), row("nobody", 1, **NO_EVENT))
    assert (found["topic"], found["key"], found["begins"], found["bytes"]) == (TOPIC, "nobody", "hello� world", 12)
    assert ["ce_type", "training.trainee.registered.v1"] in found["headers"]
    assert "ce_specversion" in found["error"]
    assert [(g["records"], g["streams"]) for g in await list_parked(rig.db)] == [(1, 0)]
    (before,) = await rig.parked()
    assert (await plumbing(rig.db))["parked"] == 1

    await put_aside(rig.db, found["id"], WHY, WHO)
    assert (await plumbing(rig.db))["parked"] == 0
    assert await list_parked(rig.db) == await unidentified(rig.db) == []
    (kept,) = await rig.rows("select * from put_aside")
    for column in ("id", "topic", "partition", "offset", "key", "headers", "payload", "error", "parked_at"):
        assert kept[column] == before[column]
    assert [(a["id"], a["reason"], a["actor"]) for a in await lately(rig.db)] == [(found["id"], WHY, WHO)]
    assert await refusal(rig, found["id"]) == "out-of-scope"


async def test_no_byte_and_no_reason_reaches_the_log(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    found = await park(rig, row("nobody", 1, **NO_EVENT))
    await put_aside(rig.db, found["id"], WHY, WHO)
    said = "".join(capsys.readouterr())
    assert "record put aside" in said
    assert not [word for word in ("hello", "world", WHY) if word in said]


async def test_a_rebuild_does_not_ask_again_for_what_was_put_aside(rig: Rig) -> None:
    found = await park(rig, row("nobody", 1, **NO_EVENT), row("b", 1))
    await put_aside(rig.db, found["id"], WHY, WHO)
    await empty(rig)
    async with rig.reading() as consumer:
        await read_all(consumer)
    assert await rig.ledger() == [("b", 1), ("b", 1)]
    assert await rig.parked() == []


async def test_another_record_in_the_same_place_is_parked_all_the_same(rig: Rig) -> None:
    found = await park(rig, row("nobody", 1, **NO_EVENT))
    await put_aside(rig.db, found["id"], WHY, WHO)
    owner = await asyncpg.connect(rig.dsns.owner)
    await owner.execute("update put_aside set payload = 'other'")
    await owner.close()
    await empty(rig)
    async with rig.reading() as consumer:
        await read_all(consumer)
    assert len(await unidentified(rig.db)) == 1


async def empty(rig: Rig) -> None:
    """As docs/operations/rebuild.md has it."""
    for table in ("consumer_offset", "stream_cursor", "parked"):
        await rig.rows(f"delete from {table} returning 1")


@pytest.mark.parametrize("changes", [{"payload": b"poison"}, {"ce_type": "training.trainee.registered.v9"}])
async def test_an_event_that_can_not_be_read_is_not_put_aside(rig: Rig, changes: dict[str, Any]) -> None:
    await rig.send_raw([row("a", 1, **changes)])
    async with rig.reading() as consumer:
        await read_all(consumer)
    (parked,) = await rig.parked()
    assert await unidentified(rig.db) == []
    assert await refusal(rig, parked["id"]) == "parked-event"
    assert await rig.parked() == [parked]


async def test_what_waits_for_an_earlier_version_is_not_put_aside(rig: Rig) -> None:
    await rig.send([("a", 1), ("a", 3)])
    async with rig.reading() as consumer:
        await read_all(consumer)
    (parked,) = await rig.parked()
    assert await refusal(rig, parked["id"]) == "parked-event"


@pytest.mark.parametrize("changes", [{"ce_time": "yesterday"}, {"ce_streamversion": "two"}, {"key": "wrong"}])
async def test_what_may_be_the_missing_event_of_a_stream_is_not_put_aside(rig: Rig, changes: dict[str, Any]) -> None:
    """Its header or its key names the stream, and there others wait."""
    found = await park(rig, row("a", 1), row("a", 2, **changes), row("a", 3))
    assert await refusal(rig, found["id"]) == "stream-waits"
    assert [p["reason"] for p in await rig.parked() if p["version"]] == ["gap"]


async def test_an_event_that_was_put_aside_too_early_leaves_a_gap_that_alarms_and_comes_back_when_it_is_read(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waited yet when it was put aside. A later release reads its envelope."""
    found = await park(rig, row("a", 1), row("a", 2, ce_specversion="1.1"))
    await put_aside(rig.db, found["id"], WHY, WHO)
    await rig.send([("a", 3)])
    async with rig.reading() as consumer:
        await read_all(consumer)
        assert await rig.ledger() == [("a", 1)]
        assert [(p["version"], p["reason"]) for p in await rig.parked()] == [(3, "gap")]
        assert await redrive(rig.db, consumer) == Redriven(applied=0, failed=1)
        read_more(monkeypatch)
        assert await redrive(rig.db, consumer) == Redriven(applied=2, failed=0)
    assert await rig.ledger() == [("a", 1), ("a", 2), ("a", 3)]
    assert await lately(rig.db) == []


def read_more(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared import envelope

    strict = envelope._envelope
    monkeypatch.setattr(envelope, "_envelope", lambda raw, key: strict({**raw, "ce_specversion": b"1.0"}, key))


async def test_operations_put_one_aside_by_the_service_s_address_one_by_its_command_and_one_on_the_page(
    run_service: RunService,
) -> None:
    stack: Stack = await run_service("reporting", "gateway")
    await send(stack, row("x", 1, **NO_EVENT), row("y", 1, **NO_EVENT), row("u", 1, **NO_EVENT), row("z", 2))
    url = f"{stack.urls['reporting']}/reporting/parked"
    async with client(30) as http:
        http.headers["authorization"] = f"Bearer {stack.service_token}"
        await stepper(http, stack, "reporting").settle()
        first, second, third = [u["id"] for u in (await http.get(url)).json()["unidentified"]]
        (event,) = set(await ids(stack)) - {first, second, third}
        refused = await http.post(f"{url}/{event}/aside", json={"reason": WHY})
        assert (refused.status_code, refused.json()["code"]) == (409, "parked-event")
        assert (await http.post(f"{url}/{first}/aside", json={"reason": " "})).status_code == 422
        assert (await http.post(f"{url}/{first}/aside", json={"reason": WHY})).status_code == 204
        assert [u["id"] for u in json.loads(command(stack, "unidentified").stdout)] == [second, third]
        assert "搁置" in command(stack, "aside", str(event), "--reason", WHY, "--by", WHO).stderr
        assert command(stack, "aside", str(second), "--reason", WHY, "--by", WHO).returncode == 0
        page = await on_the_page(stack, http, third)
        assert "已搁置" in page
        assert 'name="record"' not in page
        left = (await http.get(url)).json()
    assert (left["unidentified"], [g["reason"] for g in left["groups"]]) == ([], ["gap"])
    assert [(a["id"], a["reason"]) for a in left["aside"]] == [(third, WHY), (second, WHY), (first, WHY)]
    assert (left["aside"][1]["actor"], await ids(stack)) == (WHO, [event])


async def on_the_page(stack: Stack, http: httpx.AsyncClient, record: int) -> str:
    """Operations send the form of a record; gives the page that follows."""
    session = {"cookie": f"{COOKIE}={token(stack, 'ops', unit='410000')}", "accept": "text/html"}
    before = (await http.get(f"{stack.gateway}/parked", headers=session)).text
    assert f'name="record" value="{record}"' in before
    form = {"service": "reporting", "record": str(record), "reason": WHY}
    answer = await http.post(f"{stack.gateway}/parked/aside", data=form, headers=session)
    return (await http.get(f"{stack.gateway}{answer.headers['location']}", headers=session)).text


async def ids(stack: Stack) -> list[int]:
    con = await asyncpg.connect(stack.dsns["reporting"].writer)
    try:
        return [r["id"] for r in await con.fetch("select id from parked order by id")]
    finally:
        await con.close()


async def send(stack: Stack, *rows: dict[str, Any]) -> None:
    sender = Sender(stack.kafka, stack.topic_prefix)
    await sender.start()
    try:
        await sender.send(rows)
    finally:
        await sender.drop()


def command(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    (program,) = [p for p in programs(stack.plan) if p.name == "reporting"]
    return subprocess.run([*python("-m", "services.reporting"), *words], env={**os.environ, **program.environment},
                          cwd=ROOT, text=True, capture_output=True, check=False)  # fmt: skip
