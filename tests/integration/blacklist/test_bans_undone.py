"""What comes after a ban: quashed, lifted, appealed; and who is told of it."""

from datetime import date

import pytest

from services.blacklist.entries import service
from services.blacklist.entries.domain.deciding import Refused
from tests.integration.blacklist.round import DECIDED, TOLD, Round, closed_class, later
from tests.integration.enrolment.ground import at


@pytest.mark.rule("L10", "L14")
async def test_a_quashed_ban_gives_everything_back_and_tells_the_same_people(here: Round) -> None:
    """The place of the next year fell to the ban; it comes back, with its reminders and its figures."""
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.publish("henan-2022", later(7, 1))
    who = room.people[1]
    assert await here.select("henan-2022", "rural-follow-up-teacher", [who], later(7, 10)) == {who: []}
    held = "place where policy_key = 'henan-2022' and revoked_at is null"
    await here.banned(room.places[1], later(7, 20))
    assert await here.ground.count(held) == 0
    await here.send(later(7, 20))
    told = await here.recipients("proposed") | await here.recipients("confirmed")
    assert await here.select("henan-2022", "rural-follow-up-teacher", [who], later(7, 21)) == {who: ["banned"]}
    await here.decide(service.quash, room.places[1], "li", later(7, 22))
    assert await here.ground.count(held) == 1
    assert await here.ground.count("standing_range") == 0
    async with here.notify.db.system() as con:
        assert await con.fetchval("select count(*) from place where revoked_at is not null") == 0
    await here.send(later(7, 22))
    assert await here.recipients("quashed") == told - {*room.people[2:]}


@pytest.mark.rule("L10", "Q04")
async def test_a_place_that_somebody_else_was_given_meanwhile_is_not_given_twice(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.publish("henan-2022", later(7, 1))
    first, second = room.people[1], room.people[0]
    await here.select("henan-2022", "rural-follow-up-teacher", [first], later(7, 10))
    await here.banned(room.places[1], later(7, 20))
    assert await here.select("henan-2022", "rural-follow-up-teacher", [second], later(7, 21)) == {second: []}
    await here.decide(service.quash, room.places[1], "li", later(7, 22))
    held = "place where policy_key = 'henan-2022' and revoked_at is null and person_id = $1"
    assert [await here.ground.count(held, p) for p in (first, second)] == [0, 1]


@pytest.mark.rule("L10")
async def test_an_appeal_is_decided_in_time_and_the_decider_is_reminded(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.banned(room.places[1], DECIDED)
    await here.appeal(room, 1, at(10, 5))
    entry = await here.must(room.places[1])
    assert (entry.state, entry.decide_by) == ("confirmed", at(11, 4, 23, 59, 59))
    with pytest.raises(Refused, match="already-appealed"):
        await here.appeal(room, 1, at(10, 6))
    await here.send(at(10, 25))
    assert await here.recipients("appeal") == {here.ground.units["410000"].unit_id}
    await here.decide(service.uphold, room.places[1], "zhao", at(10, 26))
    await here.send(at(10, 26))
    assert "upheld-person" in await here.told(room.people[1])
    with pytest.raises(Refused, match="not-appealed"):
        await here.decide(service.uphold, room.places[1], "zhao", at(10, 27))
    await here.send(at(11, 4))
    assert len(await here.notify.rows("template = 'appeal-unit' and state in ('accepted', 'delivered')")) <= 2


@pytest.mark.rule("L10")
async def test_a_lifted_ban_ends_that_day_and_stays_history(here: Round) -> None:
    room = await closed_class(here)
    await room.close()
    await here.flow()
    await here.send(TOLD)
    await here.banned(room.places[1], DECIDED)
    await here.decide(service.lift, room.places[1], "zhao", later(6, 1))
    entry = await here.must(room.places[1])
    assert (entry.state, entry.ranges[0].ends_before) == ("lifted", date(2022, 6, 1))
    await here.publish("henan-2022", later(7, 1))
    who = room.people[1]
    assert await here.select("henan-2022", "rural-follow-up-teacher", [who], later(7, 10)) == {who: []}
    async with here.dbs["blacklist"].system() as con:
        was = await service.standing(con, who, "province", ["in_person"], date(2022, 5, 31))
    assert was["barred"]
    with pytest.raises(Refused, match="not-in-force"):
        await here.decide(service.lift, room.places[1], "zhao", later(6, 2))
