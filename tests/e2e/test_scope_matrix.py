"""Proof 6: role × route × (own, sibling, parent unit), asked of the running services after the story."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.support.played import Played
from tests.support.scope_matrix import Asker, Row, all_rows, table
from tests.support.scope_world import World, prepared, strangers
from tests.support.servers import running_loop

ROWS = list(all_rows(table()))
AT_ONCE = 4


def each(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[f"{i}-{row.route}" for i, row in enumerate(rows)])


@pytest.fixture(scope="module")
def world(played: Played) -> Iterator[World]:
    with ExitStack() as stack:
        loop = stack.enter_context(running_loop())
        context = prepared(played)
        there = loop(context.__aenter__())
        stack.callback(lambda: loop(context.__aexit__(None, None, None)))
        yield there


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as client:
        yield client


@each(ROWS)
def test_a_route_is_open_within_reach_and_closed_outside(row: Row, world: World, http: httpx.Client) -> None:
    wrong, asking = [], askers_of(row, world)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda asker: world.ask(http, row, world.bearer(row, asker)), asking))
    for asker, answer in zip(asking, answers, strict=True):
        reach = world.reach(row, asker)
        wrong += [f"{asker} is {reach}: {fault}" for fault in faults(row, reach, answer, world.words)]
        if reach != "inside" or asker.where == "classmate":
            wrong += [f"{asker} reads {word.decode()}" for word in world.private if word in answer.content]
    assert not wrong


@each([row for row in ROWS if not row.public])
def test_nobody_gets_in_without_a_good_token(row: Row, world: World, http: httpx.Client) -> None:
    assert code_of(world.ask(http, row, None)) == (401, "not-signed-in")
    page = world.ask(http, row, None, accept="text/html")
    assert (page.status_code, page.headers["location"].split("?")[0]) == (303, "/login")
    for what, bearer in strangers(world.stack).items():
        assert code_of(world.ask(http, row, bearer)) == (401, "not-signed-in"), what


def askers_of(row: Row, world: World) -> list[Asker]:
    """Everyone with a role that the route takes, in every position; of the others one."""
    return [a for a in world.askers
            if a.where in {"own", "service", "forged"} or (row.thing and (not row.allowed or a.role in row.allowed))]  # fmt: skip


def faults(row: Row, reach: str, answer: httpx.Response, words: Any) -> Iterator[str]:
    """What is wrong with an answer."""
    wanted = {"refused": 403, "outside": row.closed, "inside": row.answer}[reach]
    if answer.status_code != wanted:
        yield f"{answer.status_code} instead of {wanted}: {answer.text[:300]}"
    elif "json" in answer.headers.get("content-type", "") and wanted in {403, 404} and not code_of(answer)[1]:
        yield f"no reason is given: {answer.text[:300]}"
    elif answer.is_success and row.list and bool(listed(answer.json(), row.list)) != (reach == "inside"):
        yield f"the list: {answer.text[:300]}"
    elif row.shows and (row.shows.format_map(words) in answer.text) != (reach == "inside"):
        yield f"{row.shows} is{'' if reach == 'outside' else ' not'} shown"


def listed(body: Any, where: str) -> Any:
    return body if where == "." else body[where]


def code_of(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")
