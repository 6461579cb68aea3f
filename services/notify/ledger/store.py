"""Reads the ledger as the reader role: what is out of scope does not exist."""

from collections.abc import Collection
from typing import Any, Final

from msgspec import Struct

from services.notify.ledger.domain import Line
from shared.db import Connection, load_queries
from shared.events import Names

Q = load_queries(__file__)
MOST: Final = 20_000


class Asked(Struct, frozen=True):
    """What a page or a program asks for; None = everything in scope."""

    class_id: str | None = None
    person_id: str | None = None
    kind: str | None = None


async def lines(con: Connection, asked: Asked) -> list[Line]:
    """The rows, in the order of time; never more than 20,000."""
    found = await con.fetch(Q.lines, asked.class_id, asked.person_id, asked.kind, MOST)
    return [Line(**dict(r)) for r in found]


async def summary(con: Connection, asked: Asked) -> dict[str, Any]:
    """Counts by state, and ``accepted`` by channel: the messages that are at their receivers' (or were refused there)."""
    states = await con.fetch(Q.states, asked.class_id, asked.person_id)
    taken = {r["channel"]: r["n"] for r in await con.fetch(Q.accepted, asked.class_id, asked.person_id)}
    counts: dict[str, int] = {}
    for row in states:
        if row["channel"] != "call_list" or row["state"] == "listed":
            counts[row["state"]] = counts.get(row["state"], 0) + row["n"]
    return {"rows": sum(r["n"] for r in states if r["channel"] != "call_list"), "states": counts,
            "accepted": {"email": taken.get("email", 0), "sms": taken.get("sms", 0)}}  # fmt: skip


async def classes(con: Connection) -> list[dict[str, Any]]:
    """Classes with messages in scope, the latest first."""
    return [dict(r) | {"name": Names(r["name_zh"], r["name_en"])} for r in await con.fetch(Q.classes)]


async def klass(con: Connection, class_id: str) -> dict[str, Any] | None:
    """A class's name and start; None out of the connection's scope."""
    row = await con.fetchrow(Q.one_class, class_id)
    return dict(row) | {"name": Names(row["name_zh"], row["name_en"])} if row else None


async def attempts(con: Connection, message_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """``message id -> attempts``, in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await con.fetch(Q.attempts, list(message_ids)):
        found.setdefault(row["message_id"], []).append(dict(row))
    return found


async def unit_names(con: Connection, unit_ids: Collection[str]) -> dict[str, Names]:
    """``unit id -> name``."""
    return {r["unit_id"]: Names(r["name_zh"], r["name_en"]) for r in await con.fetch(Q.units, list(unit_ids))}


async def role_names(con: Connection, policy_keys: Collection[str]) -> dict[tuple[str, str], Names]:
    """``(policy key, staff role) -> name``, in the policy's own words; nothing for a year that names no roles."""
    return {(r["key"], r["role"]): Names(r["zh"], r["en"]) for r in await con.fetch(Q.roles, list(policy_keys))}


async def plan_names(con: Connection, policy_keys: Collection[str]) -> dict[tuple[str, str], Names]:
    """``(policy key, plan key) -> name``, in the policy's own words."""
    return {(r["key"], r["kind"]): Names(r["zh"], r["en"]) for r in await con.fetch(Q.plans, list(policy_keys))}
