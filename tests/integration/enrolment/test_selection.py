"""Selection on a real PostgreSQL: quota under concurrency, conditions at equality, bans, overrides, scope."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from services.enrolment.places.domain import Decision
from services.enrolment.places.service import asked, check_for_class, register
from services.enrolment.places.store import Wanted, listed, lock_places
from services.enrolment.standing.service import apply_standing
from shared.auth import Grant, Principal
from shared.envelope import Envelope, Received
from shared.events.blacklist import BanConfirmed, BanQuashed, BanRange
from shared.problems import Problem
from tests.integration.enrolment.ground import COHORT, KEY, SCHOOL, Ground, at, context

LAST_SECOND, NEXT_SECOND = at(7, 30, 23, 59, 59), at(7, 31, 0)
CONFIRMED = at(7, 21)


def received(event: Any, version: int, offset: int) -> Received:
    envelope = Envelope(id=f"{event.stream}-{version}", type=event.type, source="blacklist", time=CONFIRMED,
                        stream=event.stream, streamversion=version, actor="a", correlationid="c", traceparent="00-0-0-00")  # fmt: skip
    return Received(envelope=envelope, event=event, topic=event.topic, partition=0, offset=offset)


def confirmed(person: str, entry: str = "entry", **changes: Any) -> BanConfirmed:
    usual: dict[str, Any] = {"plan_levels": ["province"], "forms": ["in_person"], "starts_on": date(2021, 7, 21),
                             "ends_before": date(2024, 7, 22), "force": "absolute"}  # fmt: skip
    return BanConfirmed(entry_id=entry, person_id=person, confirmed_at=CONFIRMED, rule_key="ban-2021", rule_version=1,
                        unit_path="/p/", ranges=[BanRange(**usual | changes)], decided_by=["a", "b"])  # fmt: skip


async def confirm(ground: Ground, *people: str, version: int = 4) -> None:
    async with ground.db.background() as con:
        events = [received(confirmed(p, f"entry-{p}"), version, i) for i, p in enumerate(people)]
        await apply_standing(con, events, "enrolment")


def codes(decision: Decision) -> list[str]:
    return [r.code for r in decision.refusals]


async def test_a_list_is_selected_in_one_go_with_one_event_each(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(21)
    decision = await ground.select(people)
    assert [e.person_id for e in decision.events] == people[:20]
    assert codes(decision) == ["quota-used-up"]
    events = await ground.events("training.place.v1")
    assert [e["person_id"] for e in events] == people[:20]
    assert {e["ce_key"] if "ce_key" in e else e["ce_streamversion"] for e in events} == {"1"}
    assert all(e["met_every_condition"] and e["forms"] == ["in_person", "online"] for e in events)
    assert "测试" not in str(events)


async def test_selecting_again_selects_nobody_twice(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(5)
    await ground.select(people)
    assert codes(await ground.select([*people, *people])) == ["already-selected"] * 10
    assert await ground.count("place") == 5


@pytest.mark.rule("Q03", "Q04")
async def test_fifty_at_once_against_twenty_places_are_exactly_twenty(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(50)
    decisions = await asyncio.gather(*[ground.select([p]) for p in people])
    assert sum(len(d.events) for d in decisions) == 20
    assert sorted({c for d in decisions for c in codes(d)}) == ["quota-used-up"]
    assert await ground.count("place") == await ground.count("outbox where topic = 'training.place.v1'") == 20


async def test_the_same_people_in_many_lists_at_once_get_one_place_each(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(10)
    decisions = await asyncio.gather(*[ground.select(people[i:] + people[:i]) for i in range(10)])
    assert sum(len(d.events) for d in decisions) == 10
    assert await ground.count("place") == 10


@pytest.mark.rule("Q15")
async def test_five_years_on_the_day_that_stands_for_the_class_pass(ground: Ground) -> None:
    await ground.quota(20)
    (exactly,) = await ground.people(1, teaching_since=date(2016, 8, 20))
    (one_day_short,) = await ground.people(1, first=1, teaching_since=date(2016, 8, 21))
    (no_backbone,) = await ground.people(1, first=2, marks=[])
    decision = await ground.select([exactly, one_day_short, no_backbone])
    assert [e.person_id for e in decision.events] == [exactly]
    assert codes(decision) == ["condition-years-at-least", "condition-marked"]


@pytest.mark.rule("D07")
async def test_the_last_second_of_30_july_is_accepted_and_the_next_refused(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(2)
    county = ground.as_("county", "410183")
    async with ground.db.write() as con:
        await asked(con, context(LAST_SECOND), county, (KEY, COHORT), (people, {}))
        with pytest.raises(Problem) as problem:
            await asked(con, context(NEXT_SECOND), county, (KEY, COHORT), (people, {}))
    assert (problem.value.status, problem.value.code) == (409, "selection-closed")
    assert problem.value.details["due"] == LAST_SECOND


async def test_an_officer_selects_in_its_own_subtree_only(ground: Ground) -> None:
    people = await ground.people(1)
    async with ground.db.write() as con:
        with pytest.raises(Problem) as problem:
            await asked(con, context(), ground.as_("school", "410183-s002"), (KEY, COHORT), (people, {}))
    assert (problem.value.status, problem.value.code) == (404, "out-of-scope")


async def test_an_override_is_the_citys_to_give(ground: Ground) -> None:
    people = await ground.people(1)
    async with ground.db.write() as con:
        with pytest.raises(Problem) as problem:
            await asked(con, context(), ground.as_("county", "410183"), (KEY, COHORT), (people, {people[0]: "reason"}))
        assert problem.value.code == "override-not-yours"
        await asked(con, context(), ground.as_("city", "410100"), (KEY, COHORT), (people, {people[0]: "reason"}))


async def test_a_school_without_quota_sends_nobody(ground: Ground) -> None:
    await ground.quota(20)
    assert codes(await ground.select(await ground.people(1, school="410183-s002"))) == ["no-quota"]
    assert codes(await ground.select(["00000000-0000-0000-0000-000000000000"])) == ["person-unknown"]


@pytest.mark.rule("L12")
async def test_a_confirmed_ban_refuses_and_names_the_entry_and_its_end(ground: Ground) -> None:
    await ground.quota(20)
    banned, free = await ground.people(2)
    await confirm(ground, banned)
    decision = await ground.select([banned, free])
    assert [e.person_id for e in decision.events] == [free]
    assert codes(decision) == ["banned"]
    assert decision.refusals[0].vars == {
        "entry_id": f"entry-{banned}",
        "last_day": date(2024, 7, 21),
        "starts_on": date(2021, 8, 20),
    }


@pytest.mark.rule("L10")
async def test_a_place_taken_before_the_ban_falls_once_and_its_quota_is_free_again(ground: Ground) -> None:
    await ground.quota(1)
    banned, next_in_line = await ground.people(2)
    await ground.select([banned])
    await confirm(ground, banned)
    await confirm(ground, banned, version=4)
    events = await ground.events("training.place.v1")
    assert [e["ce_type"] for e in events] == ["training.trainee.selected.v1", "training.trainee.revoked.v1"]
    assert (events[1]["ce_streamversion"], events[1]["entry_id"]) == ("2", f"entry-{banned}")
    assert events[1]["ce_causationid"] == f"entry-{banned}-4"
    assert len((await ground.select([next_in_line])).events) == 1


async def test_a_quashed_ban_bars_nobody(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(2)
    await confirm(ground, *people)
    quashed = BanQuashed(entry_id=f"entry-{people[0]}", person_id=people[0], quashed_at=CONFIRMED, reason="r")
    async with ground.db.background() as con:
        await apply_standing(con, [received(quashed, 5, 9)], "enrolment")
    decision = await ground.select(people)
    assert [e.person_id for e in decision.events] == people[:1]


@pytest.mark.rule("L10")
async def test_of_two_bans_quashed_at_once_one_gets_the_only_free_place_back(ground: Ground) -> None:
    await ground.quota(2)
    first, second, third = await ground.people(3)
    await ground.select([first, second])
    await confirm(ground, first, second)
    await ground.select([third])
    quashed = [
        BanQuashed(entry_id=f"entry-{p}", person_id=p, quashed_at=CONFIRMED, reason="r") for p in (first, second)
    ]
    async with ground.db.background() as con:
        await apply_standing(con, [received(q, 5, n) for n, q in enumerate(quashed)], "enrolment")
    assert await ground.count("place where revoked_at is null") == 2


async def test_ban_and_selection_at_the_same_moment_leave_nobody_banned_and_placed(ground: Ground) -> None:
    await ground.quota(60)
    people = await ground.people(60)
    halves = [people[i::6] for i in range(6)]
    await asyncio.gather(*[work for h in halves for work in (ground.select(h), confirm(ground, *reversed(h)))])
    placed = await ground.count("place p join standing_range using (person_id) where p.revoked_at is null")
    revoked = [e["person_id"] for e in await ground.events("training.place.v1") if e["ce_type"].endswith("revoked.v1")]
    assert placed == 0
    assert len(revoked) == len(set(revoked))
    assert await ground.count("standing_range") == 60


@pytest.mark.rule("C10")
async def test_a_teacher_registers_itself_and_a_school_its_own_teachers(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(2)
    places = [e.place_id for e in (await ground.select(people)).events]
    teacher = Principal("t", "t", (Grant("teacher", person_id=people[0]),))
    async with ground.db.write() as con:
        _, decision = await register(con, context(), teacher, [places[0]])
        assert len(decision.events) == 1
        with pytest.raises(Problem):
            await register(con, context(), teacher, [places[1]])
        again, decision = await register(con, context(), ground.as_("school", SCHOOL), places)
    assert [r.code for r in decision.refusals] == ["already-registered"]
    assert {p.status for p in again.values()} == {"registered"}


async def test_a_place_is_seen_in_its_own_subtree_and_by_its_teacher_alone(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(3)
    await ground.select(people)
    seen: dict[str, int] = {}
    for principal in (
        ground.as_("county", "410183"),
        ground.as_("school", SCHOOL),
        ground.as_("school", "410183-s002"),
        Principal("t", "t", (Grant("teacher", person_id=people[0]),)),
        Principal("nobody", "nobody", ()),
    ):
        async with ground.db.read(principal) as con:
            total, rows = await listed(con, Wanted(policy_key=KEY), 1, 50)
            names = await con.fetchval("select count(*) from person")
        seen[principal.scope] = total
        assert len(rows) == total == names
    assert list(seen.values()) == [3, 3, 0, 1, 0]


async def test_places_are_checked_again_against_the_dates_of_a_class(ground: Ground) -> None:
    await ground.quota(20)
    people = await ground.people(2)
    places = [e.place_id for e in (await ground.select(people)).events]
    start = date(2024, 7, 21)
    async with ground.db.write() as con:
        locked = list((await lock_places(con, places)).values())
        await apply_standing(con, [received(confirmed(people[0], starts_on=date(2024, 7, 1)), 4, 0)], "enrolment")
        found = await check_for_class(con, locked, "c", start, start + timedelta(days=14), "province", ["in_person"])
        later = await check_for_class(
            con, locked, "c", start + timedelta(days=1), start + timedelta(days=15), "province", ["in_person"]
        )
    assert {k: r.code for k, r in found.items()} == {places[0]: "banned"}
    assert later == {}
