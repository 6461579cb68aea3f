"""180 are nominated for 150 places, on a real PostgreSQL: shares, nominations, the choice, and those who are not chosen."""

import asyncio
from datetime import date

import pytest

from services.enrolment.nominations.store import listed
from services.enrolment.standing.service import apply_standing
from shared.events.blacklist import BanQuashed
from shared.events.enrolment import PoolAssigned
from shared.problems import Problem
from tests.integration.enrolment.classroom import ban
from tests.integration.enrolment.ground import KEY, SCHOOL, Ground, at, policy, publish
from tests.integration.enrolment.test_selection import confirmed, received
from tests.integration.enrolment.trainers import TRAINER, assign, choose, contacts, nominate, share, trainers

LAST_SECOND, NEXT_SECOND = at(7, 30, 23, 59, 59), at(7, 31, 0)
ALL = {"410100": 180}


async def kinds(ground: Ground) -> list[str]:
    return [e["ce_type"].split(".", 1)[1] for e in await ground.events("training.pool.v1")]


@pytest.mark.rule("Q13", "Q14")
async def test_180_are_nominated_and_of_180_choices_at_once_exactly_150_are_taken(ground: Ground) -> None:
    await share(ground, ALL)
    await assign(ground)
    people = await trainers(ground, 181)
    found = await nominate(ground, people)
    assert (len(found.events), [r.code for r in found.refusals]) == (180, ["nominations-used-up"])
    assert found.refusals[0].vars["places"] == 180
    assert await ground.count("place") == 0, "a nomination takes no place"
    ids = [e.nomination_id for e in found.events]
    done = await asyncio.gather(*[choose(ground, ids[i::12]) for i in range(12)])
    refused = [r for d in done for r in d.refusals]
    assert sum(len(d.chosen) for d in done) == await ground.count("place where cohort = $1", TRAINER) == 150
    assert {(r.code, r.vars["places"]) for r in refused} == {("pool-full", 150)}
    assert len(refused) == 30
    assert await ground.count("outbox where topic = 'training.place.v1'") == 150
    versions = [int(e["ce_streamversion"]) for e in await ground.events("training.pool.v1")]
    assert versions == list(range(1, 1 + 3 + 180 + 150))


@pytest.mark.rule("Q13", "L13")
async def test_who_is_not_chosen_gets_a_reason_an_event_and_no_place(ground: Ground) -> None:
    await share(ground, ALL)
    await assign(ground)
    people = await trainers(ground, 3)
    ids = [e.nomination_id for e in (await nominate(ground, people)).events]
    done = await choose(ground, ids[:1], {ids[1]: "本期方向不符（合成）", ids[2]: "  "})
    assert [r.code for r in done.refusals] == ["choice-reason-missing"]
    assert (await kinds(ground))[-2:] == ["nominee.chosen.v1", "nominee.not_chosen.v1"]
    told = await ground.events("training.pool.v1")
    assert (told[-1]["person_id"], told[-1]["nomination_id"]) == (people[1], ids[1])
    assert "方向" not in str(told)
    async with ground.db.read(ground.as_("city", "410100")) as con:
        _, shown = await listed(con, told[0]["pool_id"], None, 1, 50)
    assert {n.person_id: (n.state, n.not_chosen_reason) for n in shown} == {
        people[0]: ("chosen", None),
        people[1]: ("not_chosen", "本期方向不符（合成）"),
        people[2]: ("waiting", None),
    }
    assert [e["person_id"] for e in await ground.events("training.place.v1")] == people[:1]
    assert [r.code for r in (await choose(ground, [], {ids[0]: "太晚了"})).refusals] == ["already-chosen"]
    later = await choose(ground, [ids[1]])
    assert len(later.chosen) == 1, "a reserve: somebody passed over may still be chosen"


@pytest.mark.rule("Q12", "Q16", "Q17")
async def test_nominees_meet_the_conditions_of_the_project(ground: Ground) -> None:
    await share(ground, ALL)
    (exactly,) = await trainers(ground, 1, trainer_since=date(2018, 8, 20))
    (short,) = await trainers(ground, 1, first=1, trainer_since=date(2018, 8, 21))
    (no_role,) = await trainers(ground, 1, first=2, roles=[])
    found = await nominate(ground, [exactly, short, no_role])
    assert [e.person_id for e in found.events] == [exactly]
    assert [r.code for r in found.refusals] == ["condition-years-of-training", "condition-role-in"]
    (unattested,) = await trainers(ground, 1, first=3)
    refused = (await nominate(ground, [unattested], attested=["healthy"])).refusals
    assert [r.vars["statements"][0]["zh"] for r in refused] == ["热爱教师培训", "培训理论扎实、实践经验丰富"]
    with pytest.raises(Problem) as problem:
        await nominate(ground, [unattested], attested=["newly-appointed"])
    assert problem.value.code == "statement-unknown"
    assert await ground.count("attestation where attested_by_name = 'city' and statement = 'healthy'") == 4


@pytest.mark.rule("Q11")
async def test_forty_six_is_too_old_unless_the_city_says_why(ground: Ground) -> None:
    await share(ground, ALL)
    await assign(ground)
    (person,) = await trainers(ground, 1)
    async with ground.db.write() as con:
        await con.execute("update person set born_on = '1975-08-20'")
    assert [r.code for r in (await nominate(ground, [person])).refusals] == ["condition-age-at-most"]
    found = await nominate(ground, [person], overrides={person: "全市唯一"})
    assert [e.overridden for e in found.events] == [["age_at_most"]]
    await choose(ground, [found.events[0].nomination_id])
    (place,) = await ground.events("training.place.v1")
    assert (place["met_every_condition"], place["overridden"]) == (False, ["age_at_most"])
    assert await ground.count("place_override where reason = '全市唯一'") == 1


@pytest.mark.rule("Q13")
async def test_shares_hold_for_the_sum_and_the_policys_own_spread_says_that_it_is_invented(ground: Ground) -> None:
    with pytest.raises(Problem) as problem:
        await share(ground)
    assert {e["code"] for e in problem.value.errors} == {"unit-without-contact"}
    assert len(problem.value.errors) == 28
    spread = policy(KEY)[1].projects[3].cohorts[0].quota.nominations.allocation  # type: ignore[union-attr]  # this cohort has them
    await contacts(ground, list(spread))
    assert await share(ground) | {"pool_id": ""} == {
        "pool_id": "",
        "shared_to": 29,
        "nominations": 180,
        "synthetic": True,
    }
    assert {
        e["synthetic"] for e in await ground.events("training.pool.v1") if "nominations" in e and "unit_id" in e
    } == {True}
    with pytest.raises(Problem) as problem:
        await share(ground, {"410100": 15})
    assert problem.value.errors[0]["numbers"] == {"given": 181, "nominations": 180, "over": 1}
    people = await trainers(ground, 14)
    await nominate(ground, people)
    with pytest.raises(Problem) as problem:
        await share(ground, {"410100": 13})
    assert problem.value.errors[0]["numbers"] == {"nominations": 13, "named": 14}
    (last,) = await trainers(ground, 1, first=50)
    assert [r.code for r in (await nominate(ground, [last])).refusals] == ["nominations-used-up"]


async def test_only_the_unit_with_the_share_nominates_and_only_its_institution_chooses(ground: Ground) -> None:
    await share(ground, ALL)
    people = await trainers(ground, 2)
    with pytest.raises(Problem) as problem:
        await nominate(ground, people, who=ground.as_("school", SCHOOL))
    assert (problem.value.status, problem.value.code) == (403, "nominations-not-yours")
    with pytest.raises(Problem) as problem:
        await nominate(ground, people, who=ground.as_("city", "410200"))
    assert problem.value.code == "out-of-scope"
    found = await nominate(ground, people[:1])
    again = await nominate(ground, people[:1])
    assert [r.code for r in again.refusals] == ["already-nominated"]
    with pytest.raises(Problem) as problem:
        await choose(ground, [found.events[0].nomination_id])
    assert problem.value.code == "out-of-scope", "nobody has named the institution"
    await assign(ground)
    told = await assignments(ground)
    await assign(ground)
    assert await assignments(ground) == told == 1, "named once more, told once"
    with pytest.raises(Problem) as problem:
        await choose(ground, [found.events[0].nomination_id], who=ground.as_("city", "410100"))
    assert problem.value.code == "out-of-scope"
    await choose(ground, [found.events[0].nomination_id])
    with pytest.raises(Problem) as problem:
        await assign(ground)
    assert problem.value.code == "pool-chosen-from"


async def assignments(ground: Ground) -> int:
    """How often it was told which institution chooses."""
    async with ground.db.system() as con:
        told: int = await con.fetchval(
            "select count(*) from outbox where convert_from(headers, 'utf8')::jsonb ->> 'ce_type' = $1",
            PoolAssigned.type,
        )
    return told


@pytest.mark.rule("D07")
async def test_nominating_ends_with_selecting_and_the_choice_does_not(ground: Ground) -> None:
    await share(ground, ALL)
    await assign(ground)
    people = await trainers(ground, 2)
    found = await nominate(ground, people[:1], LAST_SECOND)
    with pytest.raises(Problem) as problem:
        await nominate(ground, people[1:], NEXT_SECOND)
    assert problem.value.code == "selection-closed"
    assert len((await choose(ground, [found.events[0].nomination_id])).chosen) == 1


@pytest.mark.rule("L12")
async def test_a_ban_confirmed_after_the_nomination_bars_the_choice_and_one_after_it_frees_the_place(
    ground: Ground,
) -> None:
    await share(ground, ALL)
    await assign(ground)
    people = await trainers(ground, 2)
    ids = [e.nomination_id for e in (await nominate(ground, people)).events]
    await ban(ground, people[0], date(2021, 7, 1), date(2024, 7, 1))
    done = await choose(ground, ids)
    assert [(r.key, r.code) for r in done.refusals] == [(ids[0], "banned")]
    async with ground.db.background() as con:
        await apply_standing(con, [received(confirmed(people[1], "later"), 4, 0)], "enrolment")
    assert await ground.count("place where revoked_at is null") == 0


@pytest.mark.rule("L10", "Q13")
async def test_a_quashed_ban_gives_the_place_of_a_pot_back(ground: Ground) -> None:
    await share(ground, ALL)
    await assign(ground)
    (person,) = await trainers(ground, 1)
    await choose(ground, [e.nomination_id for e in (await nominate(ground, [person])).events])
    quashed = BanQuashed(entry_id="later", person_id=person, quashed_at=at(8, 2), reason="r")
    async with ground.db.background() as con:
        await apply_standing(con, [received(confirmed(person, "later"), 4, 0)], "enrolment")
    assert await ground.count("place where revoked_at is null") == 0
    async with ground.db.background() as con:
        await apply_standing(con, [received(quashed, 5, 1)], "enrolment")
    assert await ground.count("place where revoked_at is null") == 1


async def test_nominees_are_seen_by_their_units_and_by_who_chooses(ground: Ground) -> None:
    await share(ground, ALL)
    await nominate(ground, await trainers(ground, 2))
    (opened, *_) = await ground.events("training.pool.v1")

    async def seen(role: str, code: str) -> tuple[int, int]:
        async with ground.db.read(ground.as_(role, code)) as con:
            total, rows = await listed(con, opened["pool_id"], None, 1, 50)
        return total, sum(n.name is not None for n in rows)

    assert await seen("institution", "inst-001") == (0, 0)
    await assign(ground)
    looking = [("institution", "inst-001"), ("city", "410100"), ("school", SCHOOL), ("school", "410183-s002")]
    assert [await seen(*who) for who in looking] == [(2, 2), (2, 2), (2, 2), (0, 0)]


async def test_a_year_without_pots_opens_none(ground: Ground) -> None:
    await publish(ground, "henan-2022")
    assert await kinds(ground) == ["pool.opened.v1"]
