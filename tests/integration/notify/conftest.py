from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.notify.ground import Ground, assigned, at, ground, opened, published, scheduled, selected, units
from tests.support.databases import NewDatabase


@pytest_asyncio.fixture
async def first_day(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Ground]:
    """Units and a published year, whose notice nobody has got yet."""
    async with ground(await new_database("notify"), tmp_path) as laid:
        await laid.tell(at(7, 16, 8), *units(), published())
        yield laid


@pytest_asyncio.fixture
async def bare(first_day: Ground) -> Ground:
    """Units and a published year; nobody selected. The year's notice has arrived and is not in the sink."""
    async with first_day.db.write() as con:
        await con.execute("update reminder set state = 'delivered', queue_at = null where subject_kind = 'programme'")
    return first_day


@pytest_asyncio.fixture
async def class_of_five(bare: Ground) -> Ground:
    """Five teachers in an open class; what selection and opening caused has been sent."""
    await bare.tell(at(7, 20), *[selected(i) for i in range(5)])
    await bare.send(at(7, 20, 11))
    await bare.tell(at(8, 2), scheduled(), *[assigned(i) for i in range(5)])
    await bare.tell(at(8, 6), opened())
    await bare.send(at(8, 6))
    return bare


@pytest_asyncio.fixture
async def new_year_last(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Ground]:
    """All of the class's events, then units, and the policy at the very end."""
    async with ground(await new_database("notify"), tmp_path) as laid:
        await laid.tell(at(8, 6), *[x for i in range(3) for x in (selected(i), assigned(i))])
        await laid.tell(at(8, 6), scheduled(), opened())
        await laid.tell(at(8, 6), *units())
        await laid.tell(at(8, 6), published())
        yield laid
