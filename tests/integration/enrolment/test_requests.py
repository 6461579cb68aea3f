"""Requests that no page makes: what is sent twice, what is half right, what no column can hold. Nobody sees a traceback."""

from typing import Any

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
