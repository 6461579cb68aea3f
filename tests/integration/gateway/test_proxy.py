"""The proxy changes nothing, holds nothing back, and says so when a service is down."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.gateway.conftest import Origin

PAGE = {"accept": "text/html"}


async def test_a_request_arrives_as_it_was_sent(origin: Origin) -> None:
    answer = await origin.http.post(
        "/notify/echo/a%2Fb/%E5%90%8D?x=1&x=2&y=%2B",
        content=b"\x00\xffbody",
        headers={
            "idempotency-key": "k",
            "cookie": "lang=en; other=1",
            "content-type": "application/octet-stream",
            "x-own": "1",
        },
    )
    seen = answer.json()
    assert answer.status_code == 418
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", "/notify/echo/a%2Fb/%E5%90%8D", "x=1&x=2&y=%2B")
    assert seen["body"].encode("latin-1") == b"\x00\xffbody"
    assert seen["headers"] | {"idempotency-key": "k", "cookie": "lang=en; other=1", "x-own": "1"} == seen["headers"]
    assert seen["headers"]["host"] == seen["headers"]["x-forwarded-host"] == origin.url.removeprefix("http://")


async def test_a_get_has_no_body_and_no_length(origin: Origin) -> None:
    headers = (await origin.http.get("/notify/echo")).json()["headers"]
    assert not {"content-length", "transfer-encoding"} & set(headers)


async def test_every_method_passes(origin: Origin) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await origin.http.request(method, "/enrolment/echo", content=b"1")).json()["method"] == method


async def test_redirects_and_cookies_come_back_untouched(origin: Origin) -> None:
    away = await origin.http.get("/notify/away")
    assert (away.status_code, away.headers["location"]) == (303, "/notify/elsewhere?x=1")
    cookies = await origin.http.get("/notify/cookies")
    assert len(cookies.headers.get_list("set-cookie")) == 2
    assert (cookies.headers["etag"], cookies.headers["referrer-policy"]) == ('"7"', "no-referrer")
    assert cookies.headers["x-content-type-options"] == "nosniff"


async def test_an_answer_flows_before_it_is_complete(origin: Origin) -> None:
    async with origin.http.stream("GET", "/notify/slow") as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"first"
        origin.service.more.set()
        assert await anext(pieces) == b"second"


async def test_an_upload_flows_before_it_is_complete(origin: Origin) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x" * 70_000
        await origin.service.got_first.wait()
        yield b"y" * 70_000

    assert (await origin.http.post("/enrolment/drink", content=body())).json() == {"total": 140_000}


async def test_a_service_that_is_down_gives_a_problem_in_both_languages(origin: Origin) -> None:
    origin.settings.routes["notify"] = origin.settings.routes["down"]
    answer = await origin.http.get("/notify/ledger")
    said = answer.json()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["code"] == "service-down"
    assert said["zh"]["detail"] == "“提醒”服务现在没有答复，其余照常。"
    assert said["en"]["detail"].startswith("Reminders does not answer")


@pytest.mark.parametrize(("query", "title"), [("", "暂时读不到"), ("?lang=en", "Not available just now")])
async def test_a_service_that_is_down_gives_a_page_to_a_browser(origin: Origin, query: str, title: str) -> None:
    origin.settings.routes["notify"] = origin.settings.routes["down"]
    answer = await origin.http.get(f"/notify/ledger{query}", headers=PAGE)
    assert answer.status_code == 503
    assert f"<h1>{title}</h1>" in answer.text


async def test_a_failing_service_is_not_covered_up(origin: Origin) -> None:
    assert (await origin.http.get("/notify/broken")).status_code == 500


async def test_unknown_addresses_are_a_problem_too(origin: Origin) -> None:
    assert (await origin.http.get("/nowhere")).json()["status"] == 404
    assert "没有找到" in (await origin.http.get("/nowhere", headers=PAGE)).text
    assert (await origin.http.get("/sink")).headers["location"] == "/sink/"
