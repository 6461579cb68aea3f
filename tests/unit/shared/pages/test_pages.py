"""The shell and every component, as a browser gets them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Request
from jinja2 import UndefinedError

from shared.auth import ROLES, Grant, Principal
from shared.pages import add_template_folder, render
from shared.pages.environment import STATIC, asset, build
from shared.pages.navigation import entries, home_of
from shared.texts import LANGUAGES, Texts
from tests.unit.shared.pages.markup import Page

GATEWAY = Path(__file__).parents[4] / "deploy/gateway"
TEXTS = Texts.load(GATEWAY / "texts.yaml", GATEWAY / "samples.yaml")
NOW = datetime(2021, 8, 26, 1, 30, tzinfo=UTC)


@dataclass
class Site:
    """An app that answers any path with one template."""

    demo: bool = True
    principal: Principal | None = None
    template: str = "components.html"
    folder: Path = GATEWAY

    async def get(self, path: str = "/x", **headers: str) -> httpx.Response:
        app = FastAPI()
        app.state.runtime = SimpleNamespace(texts=TEXTS, settings=SimpleNamespace(demo=self.demo))
        add_template_folder(app, self.folder)

        @app.get("/x")
        async def page(request: Request) -> object:
            if self.principal:
                request.state.principal = self.principal
            return render(request, self.template, now=NOW, problem=PROBLEM)

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shipei", headers=headers) as http:
            return await http.get(path)


PROBLEM = {"status": 404, "code": "out-of-scope", "errors": [{"zh": "第7行", "en": "Row 7"}],
           **{lang: {"title": "T", "detail": "D <x>", "remedy": "R"} for lang in LANGUAGES}}  # fmt: skip


def officer(role: str) -> Principal:
    return Principal("a", "郑州市教育局", (Grant(role),))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", ["components.html", "problem.html", "help.html"])
async def test_pages_are_valid_markup(template: str, lang: str) -> None:
    answer = await Site(principal=officer("city"), template=template).get(f"/x?lang={lang}")
    page = Page(answer.text)
    assert page.mistakes == []
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert dict(page.tags)["html"]["lang"] == {"zh": "zh-CN", "en": "en"}[lang]


@pytest.mark.parametrize("text", ["<b><i></b></i>", "<b>", "</b>", "<p style='x'></p>", "<p id=a></p><p id=a></p>",
                                  "<label for=a></label>", "<div/>", "<a href='#x'></a>"])  # fmt: skip
def test_the_reader_of_markup_is_strict(text: str) -> None:
    assert Page(text).mistakes


async def test_fields_say_their_errors_to_everyone() -> None:
    fields = {a.get("id"): a for tag, a in Page((await Site().get()).text).tags}
    assert fields["start"]["aria-invalid"] == "true"
    assert fields["start"]["aria-describedby"] == "start-hint start-error"
    assert fields["errors"]["role"] == "alert"
    assert "autofocus" in fields["errors"]


async def test_icons_are_named_or_hidden() -> None:
    drawings = [a for tag, a in Page((await Site().get()).text).tags if tag == "svg" and a.get("class") != "qr"]
    assert drawings
    assert all(a.get("aria-hidden") == "true" or a.get("aria-label") for a in drawings)


async def test_a_form_that_writes_carries_a_fresh_key() -> None:
    def key(text: str) -> object:
        return next(a["value"] for tag, a in Page(text).tags if a.get("name") == "idempotency_key")

    assert key((await Site().get()).text) != key((await Site().get()).text)


@pytest.mark.parametrize(("path", "cookie", "lang"), [
    ("/x", "", "zh-CN"), ("/x", "lang=en", "en"), ("/x?lang=en", "", "en"), ("/x?lang=zh", "lang=en", "zh-CN"),
    ("/x?lang=fr", "", "zh-CN"), ("/x", "lang=fr", "zh-CN"),
])  # fmt: skip
async def test_the_language_is_asked_kept_or_chinese(path: str, cookie: str, lang: str) -> None:
    answer = await Site().get(path, cookie=cookie)
    assert f'<html lang="{lang}">' in answer.text
    assert ("lang" in answer.cookies) == (path in {"/x?lang=en", "/x?lang=zh"})


async def test_the_language_link_stays_on_the_page() -> None:
    text = (await Site().get("/x?page=2&q=%3Cb%3E")).text
    assert 'href="/x?page=2&amp;q=%3Cb%3E&amp;lang=en"' in text


@pytest.mark.parametrize("demo", [True, False])
async def test_the_strip_shows_in_demonstrations_only(demo: bool) -> None:
    text = (await Site(demo=demo).get()).text
    assert ("/_step" in text) is demo
    assert ("2021年8月26日" in text.split("<header")[0]) is demo


async def test_nothing_comes_from_another_machine() -> None:
    answer = await Site().get()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    loaded = [a.get("href") or a.get("src") for tag, a in Page(answer.text).tags if tag in {"link", "script", "img"}]
    assert all(str(address).startswith("/assets/") for address in loaded)
    assert "url(http" not in "".join(p.read_text() for p in STATIC.glob("*.css"))


@pytest.mark.parametrize("role", [r for r in ROLES if r != "service"])
def test_each_role_sees_its_parts_by_name(role: str) -> None:
    shown = entries(officer(role))
    assert shown[0] == ("home", "/")
    assert all(f"nav.{key}" in TEXTS for key, _ in shown)
    assert f"roles.{role}" in TEXTS
    assert home_of(role) in [address for _, address in shown]


def test_a_stranger_has_no_navigation() -> None:
    assert entries(None) == []


def test_own_files_are_addressed_by_their_content() -> None:
    assert asset("shipei/shipei.css").startswith("/assets/shipei/shipei.css?v=")
    assert asset("bootstrap/bootstrap.min.css") == "/assets/bootstrap/bootstrap.min.css"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for feature in ("one", "two"):
        (tmp_path / feature / "templates").mkdir(parents=True)
    return tmp_path


def test_two_templates_of_one_name_are_refused(folder: Path) -> None:
    for feature in ("one", "two"):
        (folder / feature / "templates/list.html").write_text("x")
    with pytest.raises(ValueError, match=r"list\.html"):
        build("zh", TEXTS, [folder / "one/templates", folder / "two/templates"])


async def test_a_missing_value_is_an_error_and_a_value_is_escaped(folder: Path) -> None:
    (folder / "one/templates/missing.html").write_text("{{ nobody }}")
    (folder / "two/templates/there.html").write_text("{{ problem.code }}<i>{{ query(q='<b>') }}</i>")
    with pytest.raises(UndefinedError):
        await Site(template="missing.html", folder=folder).get()
    assert (await Site(template="there.html", folder=folder).get()).text == "out-of-scope<i>/x?q=%3Cb%3E</i>"
