"""A year that a program sends is checked as one from a form is, and once more when it is published."""

from html import unescape

import pytest

from tests.integration.enrolment.desk import PROVINCE, UNITS, YEAR, Desk, ready
from tests.integration.enrolment.ground import KEY
from tests.integration.enrolment.test_classes_pages import plain

GIVEN = 'allocation: {"410100": 20}'
KAIFENG = '{code: "410200", system: division, kind: city,'


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("P050", GIVEN, 'allocation: {"410100": 21}'),
        ("P053", GIVEN, 'allocation: {"410183": 20}'),
        ("P020", '{by: "410000", persons', '{by: "990000", persons'),
    ],
)
async def test_a_program_that_sends_a_year_with_mistakes_hears_each_of_them(
    desk: Desk, code: str, good: str, bad: str
) -> None:
    await desk.upload(PROVINCE, "units", UNITS)
    text = YEAR.replace(good, bad).replace("expect_projects: 5", "expect_projects: 6")
    refused = await desk.send(PROVINCE, "/programmes", text)
    said = refused.json()
    assert (refused.status_code, said["code"]) == (422, "policy-invalid")
    assert {error["code"] for error in said["errors"]} == {code, "P040"}
    (error,) = [error for error in said["errors"] if error["code"] == code]
    assert bad in text.splitlines()[error["line"] - 1]
    page = unescape((await desk.upload(PROVINCE, "year", text, 422)).text)
    assert error["zh"] in page, "the page has the same sentence with its remedy"
    assert error["en"] in page
    await desk.see(PROVINCE, f"/years/{KEY}", 404)


async def test_a_program_is_told_the_warnings_of_a_year_that_is_kept_all_the_same(desk: Desk) -> None:
    await desk.upload(PROVINCE, "units", UNITS)
    text = YEAR.replace("scope: {plan_levels: [province]", "scope: {plan_levels: [national]")
    kept = await desk.send(PROVINCE, "/programmes", text)
    assert kept.status_code == 201
    (warning,) = kept.json()["warnings"]
    assert (warning["code"], warning["path"]) == ("P113", "ban.scope")
    assert "请核对 scope" in warning["zh"]
    assert "Check scope" in warning["en"]
    await desk.contact("410000")
    await desk.contact("410100")
    published = await desk.send(PROVINCE, f"/programmes/{KEY}/publish")
    assert (published.status_code, published.json()["cells"]) == (200, 1)


async def test_a_draft_that_the_units_have_left_behind_is_not_published(desk: Desk) -> None:
    await ready(desk, "410000", "410100")
    ended = KAIFENG + " valid: {from: 2021-01-01, until: 2021-06-30},"
    await desk.upload(PROVINCE, "units", UNITS.replace(KAIFENG, ended))
    refused = await desk.send(PROVINCE, f"/programmes/{KEY}/publish")
    said = refused.json()
    assert (refused.status_code, said["code"]) == (422, "draft-invalid")
    assert {error["code"] for error in said["errors"]} == {"P020"}
    assert all('"410200"' in YEAR.splitlines()[error["line"] - 1] for error in said["errors"])
    page = plain((await desk.publish(status=422)).text)
    assert "单位410200在2021-07-16不存在或无效。请改正代码，或先导入该单位。" in page
    await desk.upload(PROVINCE, "units", UNITS.replace(KAIFENG, KAIFENG + " valid: {from: 2021-01-01, until: null},"))
    assert (await desk.send(PROVINCE, f"/programmes/{KEY}/publish")).status_code == 200
