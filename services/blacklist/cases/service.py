"""Puts together what the pages of cases show; names come from enrolment under the viewer's own token."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
from fastapi import Request

from services.blacklist.cases.domain import checks, last_day, stage, steps
from services.blacklist.entries import service, store
from services.blacklist.entries.domain.calendar import day
from services.blacklist.entries.domain.case import Entry
from services.blacklist.record.store import record_of
from shared.auth import COOKIE, Principal
from shared.db import Connection
from shared.problems import Problem
from shared.runtime import get_runtime

Names = Mapping[str, Mapping[str, Any]] | None


async def case_of(con: Connection, who: Principal, entry_id: str, now: datetime) -> dict[str, Any]:
    """One case as far as the reader's scope reaches. Errors: Problem out-of-scope (404)."""
    row = await store.details(con, entry_id)
    if row is None:
        raise Problem(404, "out-of-scope")
    entry: Entry = row["entry"]
    facts = await record_of(con, entry.person_id, entry.place_id)
    anchors = await service.anchors_of(con, entry)
    course = {
        "closed": row["closed_at"],
        "starts": row["starts_on"],
        "expected": row["expected"],
        "came": row["checked_in"],
    }
    return {
        **row,
        "now": now,
        "today": day(now, entry.rule.timezone),
        "stage": stage(entry, row["confirmations"], now),
        "checks": checks(entry, course, now),
        "steps": steps(entry, facts, now),
        "told": [n for n in await store.told(con, entry) if n["entry_id"] is None],
        "until": last_day(entry, anchors, now),
        "given": await store.given(con, entry_id) if who.has("province") else [],
        "decisions": await store.decisions(con, entry_id) if who.has("province") else [],
        "needed": entry.rule.ban.confirmation.persons,
        "may_decide": who.has("province"),
        "exceptions": await store.exceptions(con, entry_id),
        "may_excuse": who.has("province") or who.has("city"),
    }


async def names_of(request: Request, person_ids: Sequence[str]) -> Names:
    """Names and units by person id; None when enrolment can't be read just now."""
    runtime = get_runtime(request)
    if not person_ids:
        return {}
    token = request.headers.get("authorization") or f"Bearer {request.cookies.get(COOKIE, '')}"
    url = f"{runtime.settings.gateway_url}/enrolment/people/names"
    try:
        answer = await runtime.http.post(url, json={"ids": sorted(set(person_ids))}, headers={"authorization": token})
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    found: dict[str, Mapping[str, Any]] = answer.json()["names"]
    return found


def named(names: Names, person_id: str) -> str:
    """A person's name, or the beginning of the id where the name is not to be had."""
    name: str = (names or {}).get(person_id, {}).get("name", person_id[:8])
    return name
