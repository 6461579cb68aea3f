"""A roster that takes longer than its lease: how the renewal fares is not what becomes of the import."""

import asyncio
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from deploy.demo import roster
from services.enrolment.imports import service, store
from services.enrolment.imports.service import Importer, Upload, accept
from shared.db import Connection
from tests.integration.enrolment.ground import COHORT, KEY, SCHOOL, SEAL, TEXTS, Ground, at, context

PEOPLE = 2
RENEWALS = 2  # while the import's transaction is open
PATIENCE = 20.0  # s


class Renewals:
    """What is to be done instead of a renewal, and a signal once that was tried often enough while a row is held."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, renew: Any) -> None:
        self._renew, self._finish = renew, store.finish
        self._enough, self._held, self.tried = asyncio.Event(), False, 0
        monkeypatch.setattr(service, "RENEW_SECONDS", 0.01)
        monkeypatch.setattr(store, "renew", self.renew)
        monkeypatch.setattr(store, "finish", self.finish)

    async def renew(self, *arguments: Any) -> None:
        try:
            await self._renew(*arguments)
        finally:
            self.tried += self._held
            if self.tried >= RENEWALS:
                self._enough.set()

    async def finish(self, *arguments: Any) -> None:
        """The import's transaction, which holds the job's row, stays open until then."""
        self._held = True
        async with asyncio.timeout(PATIENCE):
            await self._enough.wait()
        await self._finish(*arguments)


async def import_two(ground: Ground) -> tuple[Any, ...]:
    """People of one school; gives what became of the job, and whether somebody was told."""
    await ground.quota(5)
    book = roster.workbook(roster.teachers(PEOPLE), bad=False)
    async with ground.db.write() as con:
        upload = Upload(key=KEY, cohort=COHORT, unit=SCHOOL, file_name="名册.xlsx", content=book)
        await accept(con, context(), ground.as_("county", "410183"), upload)
    told: list[bool] = []
    runtime: Any = SimpleNamespace(db=ground.db, texts=TEXTS, wake=lambda: told.append(True))
    assert await Importer(runtime, SEAL).work_off(at(7, 20)) == 1
    async with ground.db.system() as con:
        job = await con.fetchrow("select status, failures, attempts from import_job")
    return (*job, told)


async def test_a_renewal_that_fails_again_and_again_does_not_fail_the_import(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise asyncpg.LockNotAvailableError("canceling statement due to lock timeout")

    renewals = Renewals(monkeypatch, fails)
    assert await import_two(ground) == ("done", 0, 1, [True])
    assert renewals.tried >= RENEWALS
    assert await ground.count("import_row") == PEOPLE


async def test_a_renewal_never_waits_for_the_import_that_it_is_made_for(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, outcomes = store.renew, list[str]()

    async def noted(con: Connection, *arguments: Any) -> None:
        await con.execute("set local lock_timeout = '1ms'")
        outcomes.append("waited")
        await renew(con, *arguments)
        outcomes[-1] = "at once"

    Renewals(monkeypatch, noted)
    assert await import_two(ground) == ("done", 0, 1, [True])
    assert set(outcomes) == {"at once"}
