import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from services.notify import subscribers
from services.notify.planning.service import CHUNK, WEIGHT, replan
from services.notify.subjects.store import Subject
from services.notify.sweeping import service as sweeping
from shared.auth import Grant, Principal
from shared.db import Connection, Database
from shared.events import Event, Names
from shared.telemetry.metrics import columns
from tests.integration.notify.ground import (
    Ground,
    assigned,
    at,
    ground,
    moved,
    opened,
    published,
    scheduled,
    selected,
    units,
)
from tests.support.databases import NewDatabase
from tests.support.streams import Streams, batches, feed

PERSONAL = ("place", "entry", "reminder", "attempt")


async def test_the_nightly_sweep_finds_no_drift(class_of_five: Ground) -> None:
    assert await class_of_five.sweeper().run(at(8, 7, 2)) == 0
    assert await class_of_five.sweeper().run(at(8, 7, 3)) == 0
    await class_of_five.send(at(8, 16))
    await class_of_five.tell(at(8, 17, 10), moved())
    await class_of_five.send(at(8, 17, 10))
    await class_of_five.receipts()
    assert await class_of_five.sweeper().run(at(8, 18, 3)) == 0
    async with class_of_five.db.system() as con:
        swept = await con.fetch("select day, subjects, drift from sweep order by day")
    assert [(r["subjects"] > 5, r["drift"]) for r in swept] == [(True, 0), (True, 0)]


async def test_what_was_needless_when_it_was_due_stays_so_at_that_very_instant(class_of_five: Ground) -> None:
    due = at(8, 17)  # a day after the reminder: the call list of those without a receipt
    await class_of_five.send(at(8, 16))
    await class_of_five.receipts()
    await class_of_five.send(due)
    calls = await class_of_five.states("channel = 'call_list' and occurrence = 'before-7d'")
    assert set(calls) == {"not_needed"}
    assert await class_of_five.sweeper().sweep(due, due.date()) == 0
    assert await class_of_five.states("channel = 'call_list' and occurrence = 'before-7d'") == calls


async def test_what_was_lost_is_found_and_planned_again(class_of_five: Ground) -> None:
    lost = "kind = 'before-class' and recipient_id = 't3'"
    before = await class_of_five.states(lost)
    async with class_of_five.db.write() as con:
        await con.execute(f"delete from reminder where {lost}")
    assert await class_of_five.sweeper().run(at(8, 10, 4)) == sum(before.values()) == 9
    assert await class_of_five.states(lost) == before
    assert await class_of_five.sweeper().sweep(at(8, 10, 4), at(8, 10).date()) == 0
    assert await drift(class_of_five) == (9, 9), "the second look of a day takes nothing back"
    assert await class_of_five.sweeper().run(at(8, 11, 4)) == 0
    assert await drift(class_of_five) == (9, 0), "an alarm on the newest sweep ends by itself"


async def test_what_a_sweep_corrected_before_it_broke_off_is_told_and_the_day_is_swept_again(
    class_of_five: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class's reminder was lost; a subject behind the class cannot be planned at the first try."""
    night = at(8, 10, 4)

    async def breaks(con: Connection, subjects: Sequence[Subject], *rest: Any) -> int:
        if ("place", "p0") in subjects:
            raise ConnectionError
        return await replan(con, subjects, *rest)

    async with class_of_five.db.write() as con:
        await con.execute("delete from reminder where kind = 'before-class' and recipient_id = 't3'")
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    monkeypatch.setattr(sweeping, "replan", breaks)
    with pytest.raises(ConnectionError):
        await class_of_five.sweeper().run(night)
    assert await drift(class_of_five) == (9, 9)
    monkeypatch.undo()
    assert await class_of_five.sweeper().run(night) == 0
    assert await drift(class_of_five) == (9, 9)
    async with class_of_five.db.system() as con:
        assert await con.fetchval("select subjects from sweep") > 5, "the whole ground was swept at the second try"


async def test_a_sweep_holds_the_locks_of_no_more_than_a_portion(
    class_of_five: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class weighs as much as many places: what is planned in one transaction is weighed, not counted."""
    portions: list[int] = []

    async def weighed(con: Connection, subjects: Sequence[Subject], *rest: Any) -> int:
        portions.append(sum(WEIGHT.get(kind, 1) for kind, _ in subjects))
        return await replan(con, subjects, *rest)

    await class_of_five.tell(at(8, 6), *[scheduled(f"c{i}") for i in range(12)])
    monkeypatch.setattr(sweeping, "replan", weighed)
    assert await class_of_five.sweeper().sweep(at(8, 7, 3), at(8, 7).date()) == 0
    assert len(portions) > 1
    assert max(portions) <= CHUNK


async def test_a_unit_with_another_name_leaves_the_plans_below_it_alone(
    class_of_five: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below a city that would be tens of thousands, in one event; a unit that moves is another matter."""
    planned: list[str] = []

    async def told(con: Connection, subjects: Sequence[Subject], *rest: Any) -> int:
        planned.extend(kind for kind, _ in subjects)
        return await replan(con, subjects, *rest)

    monkeypatch.setattr(subscribers, "replan", told)
    (school,) = [u for u in units() if u.unit_id == "s"]
    await class_of_five.tell(at(8, 7), replace(school, names=Names("新名小学", "New name")))
    assert not {"place", "class", "cell"} & set(planned)
    assert await class_of_five.sweeper().sweep(at(8, 7, 3), at(8, 7).date()) == 0
    await class_of_five.tell(at(8, 7), replace(school, level="county"))
    assert {"place", "class"} <= set(planned)


async def drift(ground: Ground) -> tuple[float, float]:
    """As Prometheus reads it: ever found, and by the newest sweep."""
    found = await columns(ground.db, sweeping.Q.measures, at(8, 11, 4))
    return found["drift_found"], found["drift_last"]


async def test_once_a_day_and_not_before_three(class_of_five: Ground) -> None:
    for when in (at(8, 10, 2), at(8, 10, 4), at(8, 10, 5), at(8, 11, 1)):
        await class_of_five.sweeper().run(when)
    async with class_of_five.db.system() as con:
        assert await con.fetchval("select count(*) from sweep") == 1


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_between_streams_leads_to_the_same_ledger(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance, streams = random.Random(seed), Streams()
    story: list[tuple[datetime, list[Event]]] = [
        (at(7, 16), [*units(), published()]),
        (at(7, 20), [selected(i) for i in range(4)]),
    ]
    story += [
        (at(8, 2), [scheduled(), *[assigned(i) for i in range(4)]]),
        (at(8, 6), [opened()]),
        (at(8, 17, 10), [moved()]),
    ]
    for now, events in story:
        for event in events:
            streams.add(event, now)
    found = []
    for order in (streams.received, streams.shuffled(chance)):
        async with ground(await new_database("notify"), tmp_path_factory.mktemp("sink")) as laid:
            await feed(laid.db, subscribers.effect(None), list(batches(order, chance, 7)))  # type: ignore[arg-type]  # it asks the runtime nothing
            found.append({(r["message_id"], r["due_at"]) for r in await laid.rows("state = 'planned'")})
    assert found[0] == found[1]


async def test_without_a_scope_the_reader_sees_nobody(class_of_five: Ground) -> None:
    """Also on a pooled connection that served a scope a moment ago."""
    province = Principal("p", "p", (Grant("province", "410000", "h", "/h/"),))
    nobody = Principal("n", "n", ())
    async with Database(class_of_five.dsns.writer, class_of_five.dsns.reader, readers=1) as db:
        async with db.read(province) as con:
            seen = {t: await con.fetchval(f"select count(*) from {t}") for t in PERSONAL if t != "entry"}
        async with db.read(nobody) as con:
            unseen = {t: await con.fetchval(f"select count(*) from {t}") for t in PERSONAL}
    assert all(seen.values())
    assert unseen == dict.fromkeys(PERSONAL, 0)


async def test_a_scope_reaches_its_own_rows_only(class_of_five: Ground) -> None:
    school = Principal("s", "s", (Grant("school", "410183-s001", "s", "/h/z/x/s/"),))
    other = Principal("o", "o", (Grant("county", "410184", "w", "/h/z/w/"),))
    teacher = Principal("t", "t", (Grant("teacher", person_id="t1"),))
    async with class_of_five.db.read(school) as con:
        assert await con.fetchval("select count(*) from reminder where recipient_id = 't1'") > 0
        assert await con.fetchval("select count(*) from reminder where recipient_id = 'x'") == 0
    async with class_of_five.db.read(other) as con:
        assert await con.fetchval("select count(*) from reminder") == 0
    async with class_of_five.db.read(teacher) as con:
        assert {r[0] for r in await con.fetch("select distinct recipient_id from reminder")} == {"t1"}
