"""The ledger as its readers see it: who was told what, when, and why not."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
import msgspec
from fastapi import Request

from services.notify.ledger import store
from services.notify.ledger.domain import Line, reminders, totals, worries
from services.notify.ledger.store import Asked
from shared.auth import COOKIE, Principal
from shared.events import Names
from shared.runtime import Runtime, get_runtime

ROLES: Final = ("province", "project_office", "city", "county", "school", "institution", "ops")
People = Mapping[str, Mapping[str, Any]] | None


async def as_json(runtime: Runtime, principal: Principal, asked: Asked) -> dict[str, Any]:
    """Summary, reminders and messages, by ids."""
    async with runtime.db.read(principal) as con:
        lines = await store.lines(con, asked)
        summary = await store.summary(con, asked)
    return {"summary": summary, "occurrences": [msgspec.to_builtins(r) for r in reminders(lines)],
            "messages": [msgspec.to_builtins(line) for line in lines]}  # fmt: skip


async def overview(runtime: Runtime, principal: Principal) -> dict[str, Any]:
    """The classes with messages, and what concerns no class."""
    async with runtime.db.read(principal) as con:
        return {"classes": await store.classes(con), "summary": await store.summary(con, Asked())}


async def view(request: Request, principal: Principal, asked: Asked) -> dict[str, Any]:
    """All that the page shows of a class or a person."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        whole = Asked(asked.class_id, None, asked.kind) if asked.class_id else asked
        lines = await store.lines(con, whole)
        own = [line for line in lines if line.recipient_id == asked.person_id] if asked.person_id else []
        worried = worries(lines)
        wanted = {line.message_id for w in worried for line in w.lines} | {line.message_id for line in own}
        plans = await store.plan_names(con, {line.policy_key for line in lines})
        shown: dict[str, Any] = {
            "klass": await store.klass(con, asked.class_id) if asked.class_id else None,
            "classes": await store.classes(con),
            "attempts": await store.attempts(con, wanted),
            "units": await store.unit_names(
                con, {line.recipient_id for line in lines if line.recipient_kind == "unit"}
            ),
            "plans": plans,
            "roles": await store.role_names(con, {line.policy_key for line in lines}),
        }
    found = reminders(lines)
    people = {w.recipient_id for w in worried if w.recipient_kind == "person"} | {line.recipient_id for line in own}
    return {**shown, "reminders": found, "worries": worried, "own": own, "totals": totals(found), "asked": asked,
            "kinds": _kinds(lines, plans), "people": await names_of(request, sorted(people))}  # fmt: skip


def _kinds(lines: Sequence[Line], plans: Mapping[tuple[str, str], Names]) -> dict[str, Names]:
    return {line.kind: plans[line.policy_key, line.kind] for line in lines if (line.policy_key, line.kind) in plans}


async def names_of(request: Request, person_ids: Sequence[str]) -> People:
    """Names and units of people, with the viewer's own token; None when enrolment can't be read just now."""
    if not person_ids:
        return {}
    runtime = get_runtime(request)
    token = request.headers.get("authorization") or f"Bearer {request.cookies.get(COOKIE, '')}"
    url = f"{runtime.settings.gateway_url}/enrolment/people/names"
    try:
        answer = await runtime.http.post(url, json={"ids": list(person_ids)}, headers={"authorization": token})
        found: Mapping[str, Mapping[str, Any]] = answer.raise_for_status().json()["names"]
    except (httpx.HTTPError, ValueError, KeyError):
        return None
    return found
