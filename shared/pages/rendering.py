"""From a template and its values to the answer: language, shell, security headers."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.pages.environment import build
from shared.pages.navigation import entries, role_of
from shared.texts import LANGUAGES

YEAR: Final = 365 * 24 * 3600
HEADERS: Final = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "cookie",
}


def add_template_folder(app: FastAPI, package: Path) -> None:
    """Take the templates of a package: its own ``templates/`` and those of each feature folder.

    A service's app needs no call; its package is known from ``app.state.service``.
    """
    app.state.template_folders = template_folders(package)


def template_folders(package: Path) -> list[Path]:
    """Those of a package: its own and those of its features."""
    return [f for f in [package / "templates", *sorted(package.glob("*/templates"))] if f.is_dir()]


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page, in the reader's language. ``now`` in the context is the as-of time that the shell shows."""
    lang = language_of(request)
    page = _environment(request, lang).get_template(template)
    answer = HTMLResponse(page.render({**_shell(request, lang), **context}), status, HEADERS)
    if request.query_params.get("lang") == lang:
        answer.set_cookie("lang", lang, max_age=YEAR, samesite="lax", path="/")
    return answer


def language_of(request: Request) -> str:
    """``?lang=``, else the cookie, else Chinese."""
    asked = (request.query_params.get("lang"), request.cookies.get("lang"))
    return next((lang for lang in asked if lang in LANGUAGES), LANGUAGES[0])


def _environment(request: Request, lang: str) -> Environment:
    """Built at the first page of a language and kept with the app."""
    state = request.app.state
    if not hasattr(state, "page_environments"):
        state.page_environments = {}
    kept: dict[str, Environment] = state.page_environments
    if lang not in kept:
        folders = (
            state.template_folders if hasattr(state, "template_folders") else template_folders(state.service.package)
        )
        kept[lang] = build(lang, state.runtime.texts, folders)
    return kept[lang]


def _shell(request: Request, lang: str) -> Mapping[str, Any]:
    principal = getattr(request.state, "principal", None)
    query = _Query(request)
    return {
        "principal": principal,
        "role": role_of(principal),
        "navigation": entries(principal),
        "demo": request.app.state.runtime.settings.demo,
        "version": _version(),
        "path": request.url.path,
        "query": query,
        "other_language": query(lang="en" if lang == "zh" else "zh"),
        "now": None,
        "here": query(),
    }


class _Query:
    """The address of this page with some parameters changed (None takes one away); keeps filters when paging."""

    def __init__(self, request: Request) -> None:
        self._path = request.url.path
        self._items = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]

    def __call__(self, **changes: Any) -> str:
        items = [(k, v) for k, v in self._items if k not in changes]
        items += [(k, str(v)) for k, v in changes.items() if v is not None]
        return f"{self._path}?{urlencode(items)}" if items else self._path


@cache
def _version() -> str:
    """Of the installed package, or of the checkout that it runs from."""
    try:
        return version("shipei")
    except PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        found: str = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
        return found
