"""Nominees who are not chosen are told, they and their units, once; whoever got a place after all is not."""

from datetime import datetime

import pytest

from shared.events import enrolment as e
from tests.integration.notify.ground import SCHOOL, Ground, at

POOL, PROGRAMME = "pool-1", "p"


def passed(i: int, now: datetime, programme: str = PROGRAMME) -> e.NomineeNotChosen:
    return e.NomineeNotChosen(pool_id=POOL, nomination_id=f"n{i}", person_id=f"t{i}", programme_id=programme, policy_key="henan-2021",
                              project="trainers-province", unit_id="s", unit_path=SCHOOL, decided_at=now)  # fmt: skip


def nominated(i: int, now: datetime) -> e.TraineeNominated:
    return e.TraineeNominated(pool_id=POOL, nomination_id=f"n{i}", person_id=f"t{i}", unit_id="s", unit_path=SCHOOL, nominated_by="z",
                              nominated_at=now, met_every_condition=True)  # fmt: skip


def chosen(i: int, now: datetime) -> e.NomineeChosen:
    return e.NomineeChosen(pool_id=POOL, nomination_id=f"n{i}", person_id=f"t{i}", place_id=f"place-{i}", chosen_at=now)


@pytest.mark.rule("Q13")
async def test_who_is_not_chosen_is_told_once_and_so_are_school_and_city(bare: Ground) -> None:
    programme = await programme_of(bare)
    now = at(8, 1)
    await bare.tell(at(7, 20), *[nominated(i, at(7, 20)) for i in range(3)])
    assert await bare.states("subject_kind = 'nominee'") == {}, "a nomination alone is nobody's message"
    await bare.tell(now, chosen(0, now), passed(1, now, programme), passed(2, now, programme))
    await bare.send(now)
    await bare.send(at(8, 1, 10))
    (mail,) = await bare.received(to="t1@example.invalid")
    assert "未入选" in mail["subject"]
    assert "不记入诚信档案" in mail["text"]
    told = [(m["to"], m["subject"]) for m in await bare.received(channel="email") if "未入选" in (m["subject"] or "")]
    assert sorted(to for to, subject in told if "2人未入选" in subject) == ["s@example.invalid", "z@example.invalid"]
    assert sorted(to for to, subject in told if "2人" not in subject) == ["t1@example.invalid", "t2@example.invalid"]


async def test_a_nominee_chosen_after_all_is_not_told_otherwise(bare: Ground) -> None:
    programme = await programme_of(bare)
    night = at(8, 1, 22)
    await bare.tell(night, nominated(1, at(7, 20)), passed(1, night, programme))
    await bare.tell(night, chosen(1, night))
    await bare.send(at(8, 2, 9))
    assert not await bare.received(to="t1@example.invalid")
    assert set(await bare.states("subject_kind = 'nominee'")) == {"withdrawn"}


async def programme_of(bare: Ground) -> str:
    async with bare.db.system() as con:
        programme: str = await con.fetchval("select programme_id from programme")
    return programme
