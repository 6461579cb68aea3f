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


NO_EVENT = {"id": 7, "consumer": "notify", "topic": "training.place.v1", "partition": 3, "offset": 41, "key": "", "bytes": 9,
            "headers": [["<b>x</b>", "y"]], "begins": "<i>hello", "error": "header ce_id is missing", "attempts": 1,
            "since": "2021-08-19T08:46:00+08:00"}  # fmt: skip
REASON = "sent by hand"


async def test_a_record_that_is_no_event_is_shown_as_it_is_and_put_aside_with_a_reason(origin: Origin) -> None:
    origin.service.parked["notify"], origin.service.unidentified = [STUCK], [NO_EVENT]
    await sign_in(origin, "ops")
    text = (await origin.http.get("/parked", headers=PAGE)).text
    for word in (
        "无法识别的消息 7",
        "分区3，位置41",
        "header ce_id is missing",
        "&lt;b&gt;x&lt;/b&gt;",
        "&lt;i&gt;hello",
    ):
        assert word in text
    done = await put_aside(origin, "7")
    assert "已搁置" in done
    assert REASON in done
    assert "无法识别的消息" not in done


async def test_what_may_be_an_event_stays_and_the_page_says_why(origin: Origin) -> None:
    origin.service.parked["notify"], origin.service.unidentified = [STUCK], [NO_EVENT]
    await sign_in(origin, "ops")
    assert "可能正是缺的那一条" in await put_aside(origin, "8")
    assert origin.service.unidentified == [NO_EVENT]


async def test_another_role_puts_nothing_aside(origin: Origin) -> None:
    origin.service.parked["notify"], origin.service.unidentified = [STUCK], [NO_EVENT]
    await sign_in(origin, "school")
    assert "没有搁置" in await put_aside(origin, "7")
    assert origin.service.unidentified == [NO_EVENT]


async def put_aside(origin: Origin, record: str) -> str:
    """The page that follows."""
    form = {"service": "notify", "record": record, "reason": REASON}
    answer = await origin.http.post("/parked/aside", data=form, headers=PAGE)
    return (await origin.http.get(answer.headers["location"], headers=PAGE)).text


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
