"""Rows stand in the outbox exactly when the command's transaction committed."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import asyncpg
import msgspec
import pytest

from shared.context import Context
from shared.events.base import Names
from shared.events.enrolment import ClassCancelled, ProgrammePublished, TraineeRegistered, UnitRegistered
from shared.outbox import MAX_PAYLOAD, Entry, append
from shared.plumbing import _state
from shared.ticker import Job
from tests.integration.shared.rig import Rig

NOW = datetime(2031, 5, 1, tzinfo=UTC)
CONTEXT = Context(now=NOW, actor="a", source="enrolment", correlation_id="c", traceparent="t")


def registered(n: int) -> Entry:
    return Entry(n, TraineeRegistered(place_id="p", person_id="x", registered_at=NOW))


async def test_events_stand_in_the_order_they_were_given(rig: Rig) -> None:
    async with rig.db.write() as con:
        await append(con, CONTEXT, [registered(n) for n in range(1, 2_001)])
        await append(
            con, CONTEXT, [Entry(1, ClassCancelled(class_id="k", cause="flood", cancelled_at=NOW, date_version=2))]
        )
    rows = await rig.rows("select topic, key, headers from outbox order by seq")
    assert [int(msgspec.json.decode(r["headers"])["ce_streamversion"]) for r in rows] == [*range(1, 2_001), 1]
    assert (rows[-1]["topic"], rows[-1]["key"]) == ("training.class.v1", "k")


async def test_a_command_that_fails_publishes_nothing(rig: Rig) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await append_and_fail(rig)
    assert not await rig.rows("select 1 from outbox")


async def append_and_fail(rig: Rig) -> None:
    async with rig.db.write() as con:
        await append(con, CONTEXT, [registered(1)])
        await con.execute("select 1 / 0")


async def test_what_a_job_tells_while_it_is_asked_what_is_due_is_seen(rig: Rig) -> None:
    """It commits between two looks: then nothing is due any more, and its events stand in the outbox."""

    async def committing() -> None:
        async with rig.db.write() as con:
            await append(con, CONTEXT, [registered(1)])

    async def now() -> datetime:
        return NOW

    job = Job("tell", timedelta(seconds=1), lambda _: asyncio.sleep(0, 0), committing)
    runtime = SimpleNamespace(consumer=None, db=rig.db, jobs=[job], now=now)
    state = await _state(runtime)  # type: ignore[arg-type]  # the parts that it looks at
    assert (state["next_due"], state["outbox"]) == (None, 1)


async def test_no_entries_are_no_statement(rig: Rig) -> None:
    await append(None, CONTEXT, [])


async def test_what_the_relay_could_not_send_fails_the_command(rig: Rig) -> None:
    policy = {"text": "x" * MAX_PAYLOAD}
    event = ProgrammePublished(programme_id="y", key="k", revision=1, year=1, issuer_unit_id="u", issuer_path="/u/",
                               sha256="0", policy=policy, published_at=NOW)  # fmt: skip
    async with rig.db.write() as con:
        with pytest.raises(ValueError, match="bytes are too many"):
            await append(con, CONTEXT, [Entry(1, event)])


@pytest.mark.parametrize(
    ("context", "entry"),
    [
        (CONTEXT, registered(0)),
        (CONTEXT, registered(2**31)),
        (Context(now=NOW, actor="", source="s", correlation_id="c", traceparent="t"), registered(1)),
        (Context(now=NOW, actor="a", source="s", correlation_id="c" * 251, traceparent="t"), registered(1)),
        (Context(now=NOW, actor="a\0", source="s", correlation_id="c", traceparent="t"), registered(1)),
        (Context(now=NOW.replace(tzinfo=None), actor="a", source="s", correlation_id="c", traceparent="t"), registered(1)),
        (CONTEXT, Entry(1, UnitRegistered(unit_id="a\nb", code="1", kind="k", level=None, parent_id=None, path="/", names=Names("学校", "School")))),
    ],
)  # fmt: skip
async def test_what_consumers_would_refuse_fails_the_command(rig: Rig, context: Context, entry: Entry) -> None:
    async with rig.db.write() as con:
        with pytest.raises(ValueError, match=r"printable|no version|no offset"):
            await append(con, context, [entry])
