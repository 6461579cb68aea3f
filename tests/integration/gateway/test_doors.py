"""The doors of the gateway and the sink, asked of the running programs: in real time and in a demonstration."""

import asyncio
import smtplib
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from deploy.local.stack import Stack
from shared.auth import COOKIE
from shared.client import client
from tests.support.scope_matrix import Door, table
from tests.support.stack import START, RunService
from tests.support.visitor import token

DOORS = table().doors
ELSEWHERE = "127.0.0.2"  # this machine by another address than the one that programs listen on


@pytest.mark.parametrize("start", [None, START], ids=["real time", "demonstration"])
async def test_each_door_opens_for_those_whom_its_row_names(run_service: RunService, start: datetime | None) -> None:
    stack = await run_service("enrolment", "gateway", "sink", start=start)
    with smtplib.SMTP("127.0.0.1", stack.plan.ports["smtp"]) as mail:
        await asyncio.to_thread(mail.sendmail, "a@example.invalid", "b@example.invalid", "Subject: s\n\nm")
    wrong = []
    async with client(30) as http:
        for door in DOORS:
            for who, headers in askers(stack).items():
                answer = await ask(http, stack.gateway, door, headers)
                wrong += [
                    f"{who} at {door.route}: {fault}" for fault in faults(door, who, answer, demo=start is not None)
                ]
            if door.who == "machine":
                wrong += [door.route] if (await ask(http, stack.sink, door, {})).status_code != door.answer else []
    assert not wrong


def askers(stack: Stack) -> dict[str, dict[str, str]]:
    """Headers of a stranger, of people with a session, of a program of the installation."""
    sessions = {role: token(stack, role, unit="410000") for role in ("province", "ops")}
    sessions["teacher"] = token(stack, "teacher", person="p")
    people = {role: {"cookie": f"{COOKIE}={session}"} for role, session in sessions.items()}
    return {"stranger": {}, **people, "program": {"authorization": f"Bearer {stack.service_token}"}}


async def ask(http: httpx.AsyncClient, origin: str, door: Door, headers: dict[str, str]) -> httpx.Response:
    method, path = door.route.split()
    return await http.request(
        method, origin + path.format(n=1), params=door.query, json=door.json, data=door.form, headers=headers
    )


def faults(door: Door, who: str, answer: httpx.Response, *, demo: bool) -> Iterator[str]:
    """What is wrong with an answer."""
    if answer.status_code != (wanted := status(door, who, demo=demo)):
        yield f"{answer.status_code} instead of {wanted}"
    address = answer.headers.get("location", "")
    signed_in = who in {"province", "ops", "teacher"}
    if door.who == "session" and address.startswith("/login") == signed_in:
        yield f"led to {address}"
    if door.denied and signed_in and (door.denied in address) != (who != "ops"):
        yield f"the services say {address}"


def status(door: Door, who: str, *, demo: bool) -> int:
    if door.who == "machine" or (door.only == "demo" and not demo):
        return 404
    if door.who == "session" and who in {"stranger", "program"}:
        return 303
    if door.who == "operator" and not demo and who not in {"ops", "program"}:
        return 401 if who == "stranger" else 403
    return door.answer


async def test_without_the_login_the_operators_page_opens_by_a_provider_s_token(run_service: RunService) -> None:
    """As in production: the gateway has the provider's public keys, and nobody to send a stranger to."""
    stack = await run_service("enrolment", "gateway", start=None, SHIPEI_DEVELOPMENT_LOGIN="false")
    met = {}
    async with client(30, base_url=stack.gateway) as http:
        for who, headers in askers(stack).items():
            page = await http.get("/parked", headers=headers)
            again = await http.post("/parked", data={"service": "enrolment"}, headers=headers)
            met[who] = page.status_code, again.status_code, again.headers.get("location", "").partition("?")[2]
    assert met == {
        **dict.fromkeys(("stranger", "program"), (401, 401, "")),
        **dict.fromkeys(("province", "teacher"), (200, 303, "applied=-1&failed=0")),
        "ops": (200, 303, "applied=0&failed=0"),
    }


async def test_programs_listen_on_one_address_alone(run_service: RunService) -> None:
    stack = await run_service("gateway", "sink")
    for name in ("gateway", "sink", "smtp"):
        (await asyncio.open_connection("127.0.0.1", stack.plan.ports[name]))[1].close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(ELSEWHERE, stack.plan.ports[name])


async def test_what_the_gateway_passes_on_is_refused_by_the_services_themselves(run_service: RunService) -> None:
    stack = await run_service("enrolment", "gateway")
    bearer = {"authorization": f"Bearer {token(stack, 'teacher', person='p')}"}
    async with client(30, base_url=stack.gateway) as http:
        for path in ("/enrolment/_time", "/enrolment/parked"):
            assert (await http.get(path)).status_code == 401
            assert (await http.get(path, headers=bearer)).status_code == 403
        assert (await http.get("/nothing/_time")).status_code == 404
        crossed = await http.post("/parked", data={"service": "enrolment"}, headers={"origin": "https://example.org"})
        assert (crossed.status_code, crossed.json()["code"]) == (403, "cross-site-write")
