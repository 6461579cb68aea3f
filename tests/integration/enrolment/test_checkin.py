import asyncio
from datetime import date
from typing import Any

import pytest

from services.enrolment.checkin.domain import make_token
from services.enrolment.places.domain import Revoke, decide_revoke
from services.enrolment.places.store import lock_places, save
from shared.auth import Grant, Principal
from shared.events import Names
from shared.problems import Problem
from tests.integration.enrolment.classroom import CODES, Classroom, ban
from tests.integration.enrolment.ground import Ground, at, context


async def opened(ground: Ground, number: int = 5) -> Classroom:
    room = Classroom(ground)
    await room.schedule()
    await room.fill(number)
    await room.staff()
    await room.open()
    return room


async def refused(command: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        await command
    return caught.value


@pytest.mark.rule("L02", "L05")
async def test_closing_sorts_everyone_on_the_list_in_exactly_one_way(ground: Ground) -> None:
    room = await opened(ground)
    for place_id in room.places[:3]:
        await room.arrive(await room.code(place_id))
    await room.excuse(room.places[3], "illness", ["medical_certificate"])
    done = await room.close()
    counted = {name: done[name] for name in ("expected", "checked_in", "excused", "absent", "held", "status")}
    assert counted == {
        "expected": 5,
        "checked_in": 3,
        "excused": 1,
        "absent": 1,
        "held": True,
        "status": "checkin_closed",
    }
    told = await ground.events("training.place.v1")
    assert {e["place_id"] for e in told if e["ce_type"] == "training.trainee.expected.v1"} == set(room.places)
    dropouts = [e for e in told if e["ce_type"] == "training.trainee.dropout_recorded.v1"]
    assert [(e["place_id"], e["cause"], e["forms"]) for e in dropouts] == [
        (room.places[4], "no_show", ["in_person", "online"])
    ]
    closed = (await ground.events("training.class.v1"))[-1]
    assert (closed["held"], closed["expected"], closed["checked_in"]) == (True, 5, 3)
    await room.dismiss(room.places[2])
    early = await refused(room.complete(room.places[:2], at(9, 9, 20)))
    assert early.code == "class-not-over"
    left_out = await refused(room.complete(room.places[:1]))
    assert (left_out.code, left_out.details) == ("completion-undecided", {"undecided": 1})
    await room.complete(room.places[:1], None, **{room.places[1]: "缺作业（合成）"})
    assert (await room.types("training.class.v1"))[-1] == "class.ended.v1"
    assert (await room.types("training.place.v1"))[-2:] == ["trainee.completed.v1", "trainee.dropout_recorded.v1"]


@pytest.mark.rule("C10")
async def test_check_in_is_by_code_once_and_in_its_window(ground: Ground) -> None:
    room = await opened(ground, 3)
    code = await room.code(room.places[0])
    assert code.startswith("07-")
    early = await refused(room.arrive(code, at(8, 26, 7, 59, 59)))
    assert (early.code, early.details["opens_at"]) == ("checkin-not-open", at(8, 26, 8))
    done = await room.arrive(f" {code.lower().replace('-', '')} ", at(8, 26, 8))
    assert (done["checked_in"], done["expected"], done["method"]) == (1, 3, "code")
    again = await refused(room.arrive(code, at(8, 26, 14, 5)))
    assert (again.code, again.details["at"]) == ("already-checked-in", at(8, 26, 8))
    late = await refused(room.arrive(await room.code(room.places[1]), at(8, 27, 18, 0, 1)))
    assert late.code == "checkin-closed"
    assert (await refused(room.arrive("07-2222"))).code == "code-unknown"
    assert (await refused(room.by_hand(room.places[1], " "))).code == "code-missing"
    assert (await room.by_hand(room.places[1], "手机没电（合成）"))["method"] == "by_hand"
    told = (await ground.events("training.place.v1"))[-1]
    assert (told["ce_type"], told["method"]) == ("training.trainee.checked_in.v1", "by_hand")
    assert "手机" not in str(await ground.events("training.place.v1"))
    unregistered = await ground.count("place where registered_at is null and checked_in_at is not null")
    assert unregistered == 2


@pytest.mark.rule("C10")
async def test_a_signed_list_checks_in_whom_it_may_and_tells_of_the_others(ground: Ground) -> None:
    room = await opened(ground, 5)
    await room.arrive(await room.code(room.places[0]))
    await ban(ground, room.people[1], date(2021, 8, 20), date(2024, 8, 20))
    listed = [*room.places[:4], "nobody"]
    early = await room.signed(listed, at(8, 26, 7, 59, 59))
    assert early["checked_in"] == []
    assert (await refused(room.signed(listed, reason=" "))).code == "statement-missing"
    done = await room.signed(listed)
    assert done["checked_in"] == room.places[2:4]
    assert {r["place_id"]: r["code"] for r in done["refused"]} == {
        room.places[0]: "already-checked-in", room.places[1]: "banned", "nobody": "place-unknown"}  # fmt: skip
    assert await ground.count("statement where kind = 'by_hand' and text = '停电（合成）'") == 2
    told = [e for e in await ground.events("training.place.v1") if e["ce_type"] == "training.trainee.checked_in.v1"]
    assert [(e["place_id"], e["method"]) for e in told[1:]] == [(p, "by_hand") for p in room.places[2:4]]
    assert (await room.signed(listed))["checked_in"] == []


async def test_a_scanned_token_works_for_its_own_place_and_class_alone(ground: Ground) -> None:
    room = await opened(ground, 1)
    token = make_token(CODES, room.class_id, room.places[0])
    assert (await refused(room.arrive(make_token(b"forged" * 6, room.class_id, room.places[0])))).code == "code-unknown"
    assert (await refused(room.arrive(make_token(CODES, "another", room.places[0])))).code == "code-unknown"
    done = await room.arrive(f"http://127.0.0.1/enrolment/checkin/{token}")
    assert (done["place_id"], done["method"]) == (room.places[0], "qr")


async def test_the_code_of_another_class_says_where_to_go(ground: Ground) -> None:
    room = await opened(ground, 1)
    second = Classroom(ground)
    await second.schedule(period=8, name=Names("乡村骨干08班", "Rural class 08"), address="2号楼")
    places = [e.place_id for e in (await ground.select(await ground.people(1, first=40))).events]
    await second.assign(places)
    wrong = await refused(room.arrive(await second.code(places[0])))
    assert (wrong.code, wrong.details["name"].zh, wrong.details["address"]) == (
        "code-of-another-class",
        "乡村骨干08班",
        "2号楼",
    )


@pytest.mark.rule("L12")
async def test_somebody_banned_meanwhile_is_not_let_in(ground: Ground) -> None:
    room = await opened(ground, 2)
    await ban(ground, room.people[0], date(2021, 8, 20), date(2024, 8, 21))
    assert (await refused(room.arrive(await room.code(room.places[0])))).code == "banned"
    await ban(ground, room.people[1], date(2021, 8, 20), date(2024, 8, 21), plan_levels=["national"])
    assert (await room.arrive(await room.code(room.places[1])))["checked_in"] == 1


@pytest.mark.rule("L05")
async def test_an_absence_is_accepted_by_the_citys_level_or_above(ground: Ground) -> None:
    room = await opened(ground, 3)
    place_id = room.places[0]
    county = await refused(room.excuse(place_id, "illness", ["medical_certificate"], ground.as_("county", "410183")))
    other = await refused(room.excuse(place_id, "illness", ["medical_certificate"], ground.as_("city", "410200")))
    assert (county.code, other.code) == ("out-of-scope", "out-of-scope")
    bare = await refused(room.excuse(place_id, "illness", []))
    assert (bare.code, bare.details["missing"].zh) == ("evidence-missing", "医院证明")
    unmoved = await refused(room.excuse(place_id, "class_moved", ["class_change_event"]))
    assert unmoved.code == "class-not-moved"
    await room.excuse(place_id, "illness", ["medical_certificate"])
    await room.excuse(room.places[1], "official_duty", ["unit_statement"], ground.as_("province", "410000"))
    told = [e for e in await ground.events("training.place.v1") if e["ce_type"] == "training.trainee.excused.v1"]
    assert [(e["reason"], e["evidence"]) for e in told] == [
        ("illness", ["medical_certificate"]), ("official_duty", ["unit_statement"]),
    ]  # fmt: skip
    assert "合成说明" not in str(told)
    await room.move(at(8, 20), starts_on=date(2021, 8, 27))
    await room.excuse(room.places[2], "class_moved", ["class_change_event"])


@pytest.mark.rule("L03")
async def test_a_dismissal_needs_a_statement_that_stays_here(ground: Ground) -> None:
    room = await opened(ground, 2)
    for place_id in room.places:
        await room.arrive(await room.code(place_id))
    assert (await refused(room.dismiss(room.places[0]))).code == "not-expected"
    await room.close()
    assert (await refused(room.dismiss(room.places[0], "  "))).code == "statement-missing"
    await room.dismiss(room.places[0], "多次缺课（合成）")
    told = (await ground.events("training.place.v1"))[-1]
    assert (told["ce_type"], told["cause"]) == ("training.trainee.dropout_recorded.v1", "dismissed")
    kept = await ground.count("statement where kind = 'dismissal' and statement_id = $1", told["evidence"][0])
    assert (kept, len(told["evidence"]), "缺课" in str(told)) == (1, 1, False)


async def test_closing_and_arriving_at_once_lose_nobody(ground: Ground) -> None:
    """At the last second some check in while check-in is closed: each is either there or a no-show, and c <= e."""
    room = await opened(ground, 12)
    codes = [await room.code(p) for p in room.places]
    arrivals = [room.arrive(code, at(8, 27, 18)) for code in codes]
    done = await asyncio.gather(*arrivals[:6], room.close(at(8, 27, 18)), *arrivals[6:], return_exceptions=True)
    came = sum(isinstance(d, dict) and "place_id" in d for d in done)
    refusals = {d.code for d in done if isinstance(d, Problem)}
    assert refusals <= {"checkin-closed", "place-dropped-out"}
    closed = (await ground.events("training.class.v1"))[-1]
    assert (closed["expected"], closed["checked_in"]) == (12, came)
    assert await ground.count("place where (checked_in_at is null) = (dropout_cause is null)") == 0
    versions = [
        e["ce_streamversion"] for e in await ground.events("training.place.v1") if e["place_id"] == room.places[0]
    ]
    assert versions == [str(n + 1) for n in range(len(versions))]


async def test_a_place_that_fell_to_a_ban_is_on_no_list(ground: Ground) -> None:
    room = await opened(ground, 2)
    async with ground.db.write() as con:
        places = await lock_places(con, [room.places[0]])
        revoked = decide_revoke([Revoke(place_id=room.places[0], entry_id="entry")], places, at(8, 20))
        await save(con, context(at(8, 20)), places, revoked.events)
    assert (await refused(room.arrive(await room.code(room.places[0])))).code == "place-revoked"
    await room.arrive(await room.code(room.places[1]))
    done = await room.close()
    assert (done["expected"], done["checked_in"], done["absent"]) == (1, 1, 0)


async def test_a_reader_sees_codes_statements_and_staff_in_scope_only(ground: Ground) -> None:
    room = await opened(ground, 2)
    await room.excuse(room.places[0], "illness", ["medical_certificate"])
    tables = ("checkin_code", "statement", "class_staff")

    async def seen(who: Principal) -> list[int]:
        async with ground.db.read(who) as con:
            return [await con.fetchval(f"select count(*) from {table}") for table in tables]

    assert await seen(ground.as_("institution", "inst-001")) == [2, 1, 3]
    assert await seen(ground.as_("county", "410183")) == [2, 1, 3]
    assert await seen(Principal("t", "t", (Grant("teacher", person_id=room.people[1]),))) == [1, 0, 3]
    assert await seen(ground.as_("city", "410200")) == [0, 0, 0]
    assert await seen(Principal("nobody", "nobody", ())) == [0, 0, 0]
