"""Requests that no page makes: what is sent twice, what is half right, what no column can hold. Nobody sees a traceback."""

import asyncio
from typing import Any

from deploy.demo import stranger
from tests.integration.enrolment.ground import COHORT, KEY
from tests.integration.enrolment.test_service import Office, office

__all__ = ["office"]
ROWS = "单位代码,单位名称,类别,上级代码\n410183-s00{n},示例{n}小,乡镇学校,410183\n"
LISTS = "/units/410183/lists"


def csv(n: int) -> dict[str, Any]:
    return {"file": ("units.csv", ROWS.format(n=n).encode())}


async def test_unusual_requests_are_told_apart_and_answered(office: Office) -> None:
    await another_file_of_the_same_size_is_another_command(office)
    await a_form_that_was_corrected_is_a_command_of_its_own(office)
    await what_cant_be_read_is_said(office)
    await the_events_of_a_request_carry_its_trace(office)


async def another_file_of_the_same_size_is_another_command(office: Office) -> None:
    first = await office.call("city", "POST", LISTS, key="one", files=csv(8))
    again = await office.call("city", "POST", LISTS, key="one", files=csv(8))
    assert (first.status_code, again.json()) == (201, first.json())
    other = await office.call("city", "POST", LISTS, key="one", files=csv(9))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def a_form_that_was_corrected_is_a_command_of_its_own(office: Office) -> None:
    page = {"accept": "text/html", "idempotency-key": ""}
    fields = {"idempotency_key": "form-1", "span": "part"}
    at = [
        (await office.call("city", "POST", "/unit-lists", headers=page, files=csv(n), data=fields)).headers["location"]
        for n in (8, 8, 9)
    ]  # fmt: skip
    assert at[0] == at[1]
    assert at[2] != at[0]


async def what_cant_be_read_is_said(office: Office) -> None:
    wrong = {
        ("/classes/no-such/move", 'W/"3"'): (400, "if-match-unreadable"),
        ("/classes/no-such/move", "abc"): (400, "if-match-unreadable"),
    }
    for (path, seen), expected in wrong.items():
        answer = await office.call(
            "institution", "POST", path, json={"cause": "institution"}, headers={"if-match": seen}
        )
        assert (answer.status_code, answer.json()["code"]) == expected
    for path in ("/imports?page=99999999999999999999", "/places?programme=%00"):
        answer = await office.call("county", "GET", path)
        assert (answer.status_code, answer.json()["code"]) == (422, "unusable-value")
        assert "请" in answer.json()["zh"]["remedy"]


async def the_events_of_a_request_carry_its_trace(office: Office) -> None:
    trace = "ab" * 16
    body = {"programme": KEY, "cohort": COHORT, "institution": "inst-001", "period": 1, "theme": "主题", "address": "校区",
            "name": {"zh": "测试班", "en": "Test class"}, "starts_on": "2021-08-23", "ends_on": "2021-09-06"}  # fmt: skip
    headers = {"traceparent": f"00-{trace}-{'cd' * 8}-01", "x-correlation-id": "from-a-bureau"}
    made = await office.ok("institution", "POST", "/classes", json=body, headers=headers)
    head = await head_of_stream(office, made["class_id"])
    assert head["ce_traceparent"].split("-")[1] == trace
    assert (head["ce_correlationid"], head["ce_actor"]) == ("from-a-bureau", "institution")


async def head_of_stream(office: Office, stream: str) -> dict[str, str]:
    """The headers of a stream's first record, once the relay has sent it."""
    async with asyncio.timeout(30):
        while True:
            heads = [stranger.headers(r) for r in await stranger.read(office.stack.kafka, office.stack.topic_prefix)]
            if found := [h for h in heads if h["ce_stream"] == stream]:
                return found[0]
