"""Enrolment's database is put back to an older copy, alone: what that does unseen, how it is found, and how to go on."""

import asyncpg

from deploy.demo.stage import POLICIES
from deploy.local.servers import Servers
from deploy.local.stack import Stack
from deploy.operations import history
from shared.client import client
from tests.support import restoring
from tests.support.stack import RunService, stepper
from tests.support.visitor import visitor

UNITS = (POLICIES / "units-henan.yaml").read_text()
CODE, NAME = "410183", "en: Xinmi}"


async def rename(stack: Stack, name: str) -> None:
    """A command of the province: the same tree with another name for one county."""
    content = UNITS.replace(NAME, f"en: {name}}}").encode()
    headers = {"content-type": "application/yaml", "idempotency-key": name}
    async with visitor(stack, "enrolment", "province", unit="410000") as province:
        (await province.post("/units:import", content=content, headers=headers)).raise_for_status()
    await at_rest(stack)


async def at_rest(stack: Stack) -> None:
    async with client(30) as http:
        await stepper(http, stack, "enrolment", "reporting").settle()


async def name_in(stack: Stack, service: str) -> str:
    con = await asyncpg.connect(stack.dsns[service].owner)
    try:
        return str(await con.fetchval("select name_en from unit where code = $1", CODE))
    finally:
        await con.close()


async def put_back(stack: Stack, servers: Servers, older: str) -> None:
    await stack.stop("enrolment")
    await restoring.put_back(servers, stack.dsns["enrolment"], older)


async def lost(stack: Stack) -> list[tuple[str, int]]:
    versions = await history.known({s: stack.dsns[s].writer for s in history.PRODUCERS})
    unknown = history.unknown(await history.read(stack.kafka, stack.topic_prefix), versions)
    return [(r["head"]["ce_type"], r["version"]) for r in unknown]


async def test_an_accepted_command_has_no_effect_when_its_version_was_taken(
    run_service: RunService, servers: Servers
) -> None:
    """Why the history is checked first: nothing refuses, nothing is parked, and the figures never hear of it."""
    stack: Stack = await run_service("enrolment", "reporting")
    await rename(stack, "First")
    older = await restoring.copy(servers, stack.dsns["enrolment"])
    await at_rest(stack)
    assert await lost(stack) == []
    await rename(stack, "Second")
    await put_back(stack, servers, older)
    assert await lost(stack) == [("training.unit.registered.v1", 2)]

    await stack.start("enrolment")
    await rename(stack, "Third")
    assert await name_in(stack, "enrolment") == "Third"
    assert await name_in(stack, "reporting") == "Second"
    assert await lost(stack) == []


async def test_a_new_history_goes_on_from_what_is_left(run_service: RunService, servers: Servers) -> None:
    """As docs/operations/backup.md says: both databases of one instant, what they know carried over, offsets forgotten."""
    stack: Stack = await run_service("enrolment", "reporting")
    await rename(stack, "First")
    older = {s: await restoring.copy(servers, stack.dsns[s]) for s in ("enrolment", "reporting")}
    await rename(stack, "Second")
    for service, copy in older.items():
        await stack.stop(service)
        await restoring.put_back(servers, stack.dsns[service], copy)
    assert await lost(stack) == [("training.unit.registered.v1", 2)]

    prefix = f"{stack.topic_prefix}next."
    versions = await history.known({s: stack.dsns[s].writer for s in history.PRODUCERS})
    records = await history.read(stack.kafka, stack.topic_prefix)
    assert await history.carry(stack.kafka, prefix, records, versions) == len(records) - 1
    for service in older:
        await history.forget_offsets(stack.dsns[service].owner)
        await stack.start(service, SHIPEI_TOPIC_PREFIX=prefix)
    await rename(stack, "Third")
    assert [await name_in(stack, s) for s in older] == ["Third", "Third"]
