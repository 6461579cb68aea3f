"""Doubts: calls of which nobody knows whether the message went out.

An SMS is looked up at the gateway by our own attempt id: found, it was accepted; not found for a while, it may be sent
again. A mail has no look-up: an operator says what happened. Nothing is ever sent again by itself while it is in doubt.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from services.notify.ledger.store import plan_names, unit_names
from services.notify.sending import store as sending
from services.notify.sending.domain import Outcome
from services.notify.sending.store import Answer
from services.notify.sms.service import Gateway
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection, Database, load_queries
from shared.problems import Problem

Q = load_queries(__file__)
AT_ONCE: Final = 100
ROLES: Final = ("province", "city", "county", "ops")
LOOK_UP: Final = "look-up"
Decision = Literal["sent", "resend"]


@dataclass(frozen=True)
class Settler:
    """Settles what can be settled without a person. ``patience`` = machine seconds before "not found" is believed."""

    db: Database
    gateway: Gateway
    patience: float
    wake: Callable[[], None]

    async def run(self, now: datetime) -> int:
        """Find callers that died, look SMS doubts up; gives how many attempts changed."""
        async with self.db.background() as con:
            lost = await sending.lose_leases(con)
            doubts = await sending.doubts(con, "sms", self.patience, AT_ONCE)
        if not doubts:
            return lost
        known = await asyncio.gather(*[self.gateway.look_up(d["attempt_id"]) for d in doubts])
        found = [_answer(d, o) for d, o in zip(doubts, known, strict=True) if o and o.result == "accepted"]
        gone = [d["attempt_id"] for d, o in zip(doubts, known, strict=True) if o is None and d["old"]]
        async with self.db.background() as con:
            await sending.answer(con, found, now, LOOK_UP)
            again = await sending.send_again(con, gone, LOOK_UP, now)
        self.wake()
        return lost + len(found) + again


def _answer(doubt: Mapping[str, Any], outcome: Outcome) -> Answer:
    return Answer(doubt["message_id"], doubt["attempt_id"], 0, outcome)


async def shown_doubts(con: Connection) -> dict[str, Any]:
    """The doubts in the reader's scope, with the names of units and plans that a page needs."""
    found = [dict(r) for r in await con.fetch(Q.open_doubts)]
    units = await unit_names(con, {d["unit_id"] for d in found if d["unit_id"]})
    return {"doubts": found, "units": units, "plans": await plan_names(con, {d["policy_key"] for d in found})}


async def decide(
    con: Connection, context: Context, principal: Principal, attempt_id: str, decision: Decision
) -> dict[str, str]:
    """An operator says what became of a call. Errors: 404 out of scope or unknown, 409 settled already."""
    found = await con.fetchrow(Q.doubt, attempt_id)
    if found is None or found["unit_path"] is None:
        raise Problem(404, "out-of-scope")
    principal.require(found["unit_path"], *ROLES)
    if found["state"] != "in_doubt":
        raise Problem(409, "doubt-settled")
    if decision == "resend":
        await sending.send_again(con, [attempt_id], context.actor, context.now)
    else:
        await sending.answer(con, [_answer(found, Outcome("accepted", "operator"))], context.now, context.actor)
    return {"attempt_id": attempt_id, "decision": decision}
