"""Parked messages of all services on one page; the services decide who may see and redrive them."""

from tests.integration.gateway.conftest import Origin

PAGE = {"accept": "text/html"}
STUCK = {"consumer": "notify", "topic": "training.place.v1", "reason": "undecodable", "error": "byte 12", "records": 1,
         "streams": 1, "first_stream": "s-1", "since": "2021-08-19T08:46:00+08:00", "attempts": 0}  # fmt: skip
WAITING = {**STUCK, "reason": "gap", "error": "an earlier version", "records": 3}


async def sign_in(origin: Origin, account: str) -> None:
    await origin.http.post("/login", data={"account": account})


async def test_causes_stand_apart_from_what_waits_for_them(origin: Origin) -> None:
    origin.service.parked["notify"] = [STUCK, WAITING]
    await sign_in(origin, "ops")
    text = (await origin.http.get("/parked", headers=PAGE)).text
    assert "4条</span>消息停住" in text
    assert "内容无法解读：training.place.v1" in text
    assert "缺口补上后自动继续" in text
    assert "byte 12" in text
    assert "an earlier version" not in text


async def test_nothing_parked_is_said(origin: Origin) -> None:
    await sign_in(origin, "ops")
    assert "每条消息都已按顺序处理" in (await origin.http.get("/parked", headers=PAGE)).text


async def test_applying_again_changes_the_page(origin: Origin) -> None:
    origin.service.parked["notify"] = [STUCK, WAITING]
    await sign_in(origin, "ops")
    answer = await origin.http.post("/parked", data={"service": "notify"}, headers=PAGE)
    text = (await origin.http.get(answer.headers["location"], headers=PAGE)).text
    assert "已重新处理" in text
    assert "内容无法解读" not in text


async def test_another_role_sees_and_does_nothing(origin: Origin) -> None:
    origin.service.parked["notify"] = [STUCK]
    await sign_in(origin, "school")
    assert "内容无法解读" not in (await origin.http.get("/parked", headers=PAGE)).text
    answer = await origin.http.post("/parked", data={"service": "notify"}, headers=PAGE)
    assert "没有重新处理成功" in (await origin.http.get(answer.headers["location"], headers=PAGE)).text
    assert origin.service.parked["notify"] == [STUCK]


async def test_a_stranger_signs_in_first(origin: Origin) -> None:
    assert (await origin.http.get("/parked")).headers["location"] == "/login?next=/parked"


async def test_only_services_are_asked(origin: Origin) -> None:
    await sign_in(origin, "ops")
    assert (await origin.http.post("/parked", data={"service": "../x"})).status_code == 422
