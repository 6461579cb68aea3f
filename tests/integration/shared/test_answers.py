"""Stored answers of commands: kept as long as somebody may repeat the command, then gone."""

from datetime import UTC, datetime

import asyncpg

from shared.db import Database
from shared.http import KEPT_DAYS, forget_answers
from tests.integration.shared.rig import SERVICE
from tests.support.databases import NewDatabase

KEEP = """insert into idempotency (principal, key, route, request_hash, status, answer, created_at)
select 'p', 'k' || days, 'POST /x', '', 201, '{}', clock_timestamp() - make_interval(days => days) from unnest($1::int[]) days"""


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
