"""Stored answers of commands: kept as long as somebody may repeat the command, then gone."""

from datetime import UTC, datetime
from typing import Any

import asyncpg

from shared.db import Database
from shared.http import KEPT_DAYS, forget_answers
from tests.integration.shared.rig import SERVICE
from tests.support.databases import NewDatabase
from tests.support.stack import RunService
from tests.support.visitor import visitor
from tests.support.year import POLICIES

UNITS = (POLICIES / "units-henan.yaml").read_bytes()

KEEP = """insert into idempotency (principal, key, route, request_hash, status, answer, created_at)
select 'p', 'k' || days, 'POST /x', '', 201, '{}', clock_timestamp() - make_interval(days => days) from unnest($1::int[]) days"""


FORGET = f"""
create function forget() returns trigger language plpgsql as $$ begin
    delete from idempotency where created_at < clock_timestamp() - make_interval(days => {KEPT_DAYS}); return null;
end $$;
create trigger at_the_worst_moment after insert on idempotency execute function forget();
update idempotency set created_at = clock_timestamp() - make_interval(days => {KEPT_DAYS + 1});
"""


async def test_old_answers_are_removed_and_young_ones_stay(new_database: NewDatabase) -> None:
    dsns = await new_database(SERVICE)
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute(KEEP, [0, KEPT_DAYS - 1, KEPT_DAYS + 1, 400])
    async with Database(dsns.writer, dsns.reader) as db:
        now = datetime(2021, 8, 1, tzinfo=UTC)  # simulated time does not age an answer
        assert [await forget_answers(db, now) for _ in range(2)] == [2, 0]
    kept = await owner.fetch("select key from idempotency order by created_at desc")
    await owner.close()
    assert [row["key"] for row in kept] == ["k0", f"k{KEPT_DAYS - 1}"]


async def test_two_processes_forget_side_by_side(new_database: NewDatabase) -> None:
    """What one of them has in hand the other passes over, instead of waiting for it and finding nothing."""
    dsns = await new_database(SERVICE)
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute(KEEP, [40, 41, 42])
    async with Database(dsns.writer, dsns.reader) as db, db.write() as other:
        await other.execute("select from idempotency where key = 'k40' for update")
        assert await forget_answers(db, datetime(2021, 8, 1, tzinfo=UTC)) == 2
    await owner.close()


async def test_an_answer_that_is_removed_right_after_its_key_was_found_is_still_given(run_service: RunService) -> None:
    """Then the command may be given anew."""
    stack = await run_service("enrolment")
    async with visitor(stack, "enrolment", "province", unit="410000") as province:

        async def repeat() -> tuple[int, Any]:
            answer = await province.post("/units:import", content=UNITS, headers={"idempotency-key": "k"})
            return answer.status_code, answer.json()

        first = await repeat()
        owner = await asyncpg.connect(stack.dsns["enrolment"].owner)
        await owner.execute(FORGET)
        second, left = await repeat(), await owner.fetchval("select count(*) from idempotency")
        third = await repeat()
        await owner.close()
    assert first[1]["changed"] > 0
    assert (second, left) == (first, 0)
    assert (third[0], third[1]["changed"]) == (first[0], 0)
