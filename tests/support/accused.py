"""How teachers come to have a proposal that awaits a decision: they did not come to their class, were told, and were silent."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from deploy.demo import accounts, roster
from deploy.demo.stage import Stage, at
from deploy.local.stack import Stack
from tests.support.driver import Accepted, import_people, list_places, open_classes, prepare
from tests.support.visitor import token

SOON: Final = ("2021-07-22", "2021-08-05")
REMINDERS: Final = ("class-opened", "ban-proposed", "ban-outcome")  # what a case needs as evidence, and its end
CONTACT: Final = {"name": "联系人（合成）", "email": "school@example.invalid"}  # fewer messages: no phone


async def one_came(stage: Stage, people: Sequence[roster.Teacher], absent: int) -> None:
    """A class to which one came and so many did not; all were told before. The other people are known, no more."""
    ledger = Accepted()
    await prepare(stage, absent + 1, REMINDERS)
    county, institution = await stage.as_("county"), await stage.as_("institution")
    await county.put(f"/enrolment/units/{roster.SCHOOL}/contact", CONTACT)
    job = await import_people(stage, ledger, people)
    assert (job["selected"], job["refused"]) == (absent + 1, len(people) - absent - 1)
    await open_classes(stage, ledger, [await list_places(stage, ledger)], SOON)
    own, came = f"/enrolment/classes/{ledger.classes[0]}", f"/enrolment/places/{ledger.places[0]}"
    accounts.write(stage.accounts_file, [await county.get(came)], stage.officers)
    await stage.stepper.to(at(7, 22, 10))
    code = await (await stage.teacher(0)).get(f"{came}/checkin-code")
    await institution.post(f"{own}/checkins", {"code": code["token"]})
    await stage.stepper.to(at(7, 23, 18, 30))
    await institution.post(f"{own}/checkin-closing", {"held": True})
    await stage.stepper.to(at(8, 9))  # the time to reply is over


async def proposals(stage: Stage) -> Mapping[str, str]:
    """``person -> entry`` of every proposal; of all of them the person was told, and nothing is missing."""
    province, found, page = await stage.as_("province"), list[dict[str, Any]](), 0
    while True:
        page += 1
        answer = await province.get("/blacklist/entries", page=page)
        found += answer["entries"]
        if len(found) >= answer["total"] or not answer["entries"]:
            break
    assert {(e["state"], e["complete"]) for e in found} == {("notified", True)}
    return {e["person_id"]: e["entry_id"] for e in found}


async def decide(stack: Stack, http: httpx.AsyncClient, entry_id: str, how: str, officer: str) -> Mapping[str, Any]:
    """One officer's word on one entry: ``confirmations`` or ``quash``."""
    path = f"{stack.plan.url('blacklist')}/blacklist/entries/{entry_id}/{how}"
    bearer = token(stack, "province", unit="410000", name=officer)
    return await insisted(http, path, {"reason": "证据齐全，本人未申辩（合成）。"}, bearer)


async def insisted(http: httpx.AsyncClient, path: str, body: object, bearer: str) -> Mapping[str, Any]:
    """A command until it is done; who is told to wait asks again with the same key, as any client would."""
    headers = {"authorization": f"Bearer {bearer}", "idempotency-key": secrets.token_hex(8)}
    answer = await http.post(path, json=body, headers=headers)
    while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        await asyncio.sleep(float(answer.headers["retry-after"]))
        answer = await http.post(path, json=body, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    done: Mapping[str, Any] = answer.json()
    return done
