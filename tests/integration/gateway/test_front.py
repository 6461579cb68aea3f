"""The front page's figures are real, or it says that they can't be read; files and headers."""

import pytest

from deploy.demo import accounts
from tests.integration.gateway.conftest import Origin
from tests.unit.shared.pages.markup import Page

PAGE = {"accept": "text/html"}


async def test_the_front_page_shows_the_year_the_services_and_the_accounts(origin: Origin) -> None:
    text = (await origin.http.get("/", headers=PAGE)).text
    assert Page(text).mistakes == []
    assert "示例年度" in text
    assert '<span class="nb">18 / 20人</span>' in text
    assert text.count("正常") == 4
    assert text.count('name="account"') == len(accounts.OFFICERS) + 3  # teachers
    assert "2021年8月19日" in text


async def test_the_inbox_is_offered_to_those_whom_it_lets_in(origin: Origin) -> None:
    assert 'href="/sink/"' in (await origin.http.get("/", headers=PAGE)).text
    origin.settings.demo = False
    assert 'href="/sink/"' not in (await origin.http.get("/", headers=PAGE)).text
    await origin.http.post("/login", data={"account": "ops"})
    assert 'href="/sink/"' in (await origin.http.get("/", headers=PAGE)).text


async def test_what_can_not_be_read_is_said(origin: Origin) -> None:
    origin.settings.routes["reporting"] = origin.settings.routes["down"]
    text = (await origin.http.get("/", headers=PAGE)).text
    assert "暂时读不到年度进度" in text
    assert text.count("正常") == 3


async def test_before_the_first_year_nothing_is_made_up(origin: Origin) -> None:
    origin.service.years = []
    assert "还没有发布年度计划" in (await origin.http.get("/", headers=PAGE)).text


@pytest.mark.parametrize("path", ["/", "/_components", "/docs", "/catalogue", "/help", "/login"])
async def test_the_gateways_pages_are_valid_and_safe(origin: Origin, path: str) -> None:
    for lang in ("zh", "en"):
        answer = await origin.http.get(f"{path}?lang={lang}", headers=PAGE)
        assert answer.status_code == 200
        assert Page(answer.text).mistakes == []
        assert answer.headers["content-security-policy"].endswith("frame-ancestors 'none'")
        assert (answer.headers["x-frame-options"], answer.headers["x-content-type-options"]) == (
            "SAMEORIGIN",
            "nosniff",
        )
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_files_are_kept_by_their_hash(origin: Origin) -> None:
    text = (await origin.http.get("/", headers=PAGE)).text
    sheets = [str(a["href"]) for tag, a in Page(text).tags if tag == "link"]
    for sheet in sheets:
        answer = await origin.http.get(sheet)
        assert answer.status_code == 200, sheet
        assert ("immutable" in answer.headers["cache-control"]) is ("?v=" in sheet)
    assert (await origin.http.get("/assets/../app.py")).status_code == 404
