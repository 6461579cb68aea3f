"""Substitutes on a real database: asked for by the sender, approved by the superior, never beyond the quota, never too late."""

import asyncio
from datetime import date

import pytest

from shared.problems import Problem
from tests.integration.enrolment.classroom import Classroom, ban
from tests.integration.enrolment.ground import Ground, at
from tests.integration.enrolment.test_checkin import opened, refused


async def ready(ground: Ground) -> tuple[Classroom, list[str]]:
    """A class of two, and three colleagues who could stand in."""
    room = await opened(ground, 2)
    return room, await ground.people(3, first=60)


@pytest.mark.rule("L13", "Q05")
async def test_a_place_changes_hands_with_the_superiors_approval_and_the_same_checks(ground: Ground) -> None:
    room, others = await ready(ground)
    (weak,) = await ground.people(1, first=80, teaching_since=date(2019, 9, 1))
    place_id = room.places[0]
    institution = await refused(room.ask_for(place_id, others[0], at(8, 20), ground.as_("institution", "inst-001")))
    assert institution.code == "out-of-scope"
    await room.ask_for(place_id, weak, at(8, 20))
    assert (await refused(room.ask_for(place_id, others[0], at(8, 20)))).code == "substitution-asked"
    unfit = await refused(room.approve(place_id, at(8, 21)))
    assert unfit.code == "condition-years-at-least"
    assert (await refused(room.approve(place_id, at(8, 21), ground.as_("county", "410200")))).code == "out-of-scope"
    await room.approve(place_id, at(8, 21), approve=False)
    assert (await refused(room.approve(place_id, at(8, 21)))).code == "substitution-not-asked"
    await room.ask_for(place_id, others[0], at(8, 22))
    done = await room.approve(place_id, at(8, 22))
    told = [
        e for e in await ground.events("training.place.v1") if e["place_id"] in {place_id, done["substitute_place_id"]}
    ]
    assert [e["ce_type"].split(".")[2] for e in told][-3:] == ["replaced", "selected", "assigned"]
    assert (told[-2]["substitute_for"], told[-3]["substitute_place_id"]) == (place_id, done["substitute_place_id"])
    assert (await room.arrive(await room.code(done["substitute_place_id"])))["expected"] == 2
    assert (await refused(room.arrive(await room.code(place_id)))).code == "place-replaced"


@pytest.mark.rule("L13")
async def test_nobody_is_replaced_after_arriving_or_after_check_in_ends(ground: Ground) -> None:
    room, others = await ready(ground)
    await room.arrive(await room.code(room.places[0]))
    assert (await refused(room.ask_for(room.places[0], others[0], at(8, 26, 12)))).code == "already-checked-in"
    last, late = at(8, 27, 18), at(8, 27, 18, 0, 1)
    await room.ask_for(room.places[1], others[0], last)
    assert (await refused(room.approve(room.places[1], late))).code == "checkin-closed"
    await room.approve(room.places[1], last)


async def test_a_banned_colleague_or_one_who_stood_in_before_is_refused(ground: Ground) -> None:
    room, others = await ready(ground)
    await ban(ground, others[0], date(2021, 8, 20), date(2024, 8, 21))
    await room.ask_for(room.places[0], others[0], at(8, 22))
    assert (await refused(room.approve(room.places[0], at(8, 22)))).code == "banned"
    await room.approve(room.places[0], at(8, 22), approve=False)
    await room.ask_for(room.places[0], others[1], at(8, 22))
    first = (await room.approve(room.places[0], at(8, 22)))["substitute_place_id"]
    await room.ask_for(first, others[2], at(8, 23))
    await room.approve(first, at(8, 23))
    again = await refused(room.ask_for(room.places[1], others[1], at(8, 24)))
    assert again.code == "stood-in-already"


async def test_two_substitutions_at_once_never_go_beyond_the_quota(ground: Ground) -> None:
    room, others = await ready(ground)
    for place_id, other in zip(room.places, others, strict=False):
        await room.ask_for(place_id, other, at(8, 22))
    await asyncio.gather(*[room.approve(p, at(8, 22)) for p in room.places])
    assert await ground.count("place where revoked_at is null") == 2
    done = await asyncio.gather(*[room.approve(room.places[0], at(8, 22)) for _ in range(2)], return_exceptions=True)
    assert [d.code for d in done if isinstance(d, Problem)] == ["substitution-not-asked"] * 2
