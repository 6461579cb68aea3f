"""Draws, freezes, restates and compares bulletins (M07, M08)."""

from datetime import datetime
from typing import Any

import msgspec

from services.reporting.bulletins import store
from services.reporting.bulletins.domain import freezing
from services.reporting.bulletins.domain.differences import Difference, differences
from services.reporting.bulletins.domain.freezing import FORMAT, Frozen, Known
from services.reporting.bulletins.domain.planning import Plan, plan
from services.reporting.bulletins.store import Sealed
from services.reporting.league.domain.choosing import Programme
from services.reporting.league.domain.sheets import Sheet
from services.reporting.league.service import sheets
from services.reporting.league.store import as_of, programme
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.problems import Problem
from shared.runtime import Runtime

ISSUERS = ("province", "city")


class Draft(msgspec.Struct, frozen=True):
    """The tables of a year's bulletin as they stand in one snapshot, and the bulletins that exist."""

    programme: Programme
    plan: Plan
    as_of: datetime
    sheets: list[Sheet]
    known: list[Known]

    @property
    def in_force(self) -> Known | None:
        """The bulletin of this year that nothing replaced yet."""
        return next((k for k in self.known if k.key == self.plan.key and k.restated_by is None), None)


class Asked(msgspec.Struct, frozen=True):
    """What somebody wants frozen; with ``restates`` a reason is needed."""

    policy: str
    restates: str | None = None
    reason: str | None = None


async def draft(con: Connection, policy_key: str) -> Draft:
    """Draw all tables of a year's bulletin. Errors: Problem year-unknown, nothing-yet (404)."""
    found, at = await programme(con, policy_key), await as_of(con)
    if found is None:
        raise Problem(404, "year-unknown", policy=policy_key)
    if at is None:
        raise Problem(404, "nothing-yet")
    planned = plan(found.policy)
    drawn = await sheets(con, found, planned.tables, at)
    return Draft(found, planned, at, drawn, await store.known(con, policy_key))


async def freeze(runtime: Runtime, con: Connection, context: Context, who: Principal, asked: Asked) -> dict[str, Any]:
    """Freeze the tables as they stand now, once; nothing of it ever changes.

    Errors: Problem out-of-scope (404) for anyone but the issuer or its superior, year-unknown, nothing-yet (404),
    table-behind (409); Refused.
    """
    await store.lock_programme(con, asked.policy)
    await _require_complete(runtime)
    async with runtime.db.system() as snapshot:
        drawn = await draft(snapshot, asked.policy)
    who.require(drawn.programme.issuer_path, *ISSUERS)
    known = await store.known(con, asked.policy)
    freezing.check(known, drawn.plan.key, asked.restates, asked.reason)
    frozen = _content(drawn, asked, len(known) + 1, context.now)
    text, digest = freezing.seal(frozen)
    await store.add(con, frozen, Sealed(text, digest, who.subject, drawn.programme.issuer_path, None), asked.policy)
    return {"bulletin_id": frozen.bulletin_id, "sha256": digest, "as_of": frozen.as_of, "restates": frozen.restates}


async def _require_complete(runtime: Runtime) -> None:
    """A table that misses events is not frozen."""
    behind = await runtime.consumer.behind() if runtime.consumer else 0
    if behind:
        raise Problem(409, "table-behind", n=behind)


def _content(drawn: Draft, asked: Asked, number: int, now: datetime) -> Frozen:
    policy = drawn.programme.policy
    return Frozen(
        format=FORMAT,
        bulletin_id=freezing.bulletin_id(policy.key, number),
        number=number,
        year=policy.year,
        policy=policy.version,
        policy_sha256=policy.sha256,
        issuer=policy.issuer,
        plan=drawn.plan,
        as_of=drawn.as_of,
        frozen_at=now,
        restates=asked.restates,
        reason=asked.reason.strip() if asked.restates and asked.reason else None,
        sheets=drawn.sheets,
    )


async def sealed(con: Connection, bulletin_id: str) -> Sealed:
    """One bulletin as it was sealed. Errors: Problem bulletin-unknown (404)."""
    found = await store.one(con, bulletin_id)
    if found is None:
        raise Problem(404, "bulletin-unknown", bulletin=bulletin_id)
    return found


async def compared(con: Connection, bulletin_id: str) -> tuple[Frozen, datetime, list[Difference]]:
    """A bulletin, the time of today's figures, and what differs between the two. Errors: as ``sealed``."""
    frozen = freezing.unseal((await sealed(con, bulletin_id)).content)
    found, at = await programme(con, frozen.policy.partition("@")[0]), await as_of(con)
    if found is None or at is None:
        raise Problem(404, "nothing-yet")
    rankings = {s.ranking for s in frozen.sheets}
    return frozen, at, differences(frozen.sheets, await sheets(con, found, rankings, at))


def id_of(answer: bytes) -> str:
    """The new bulletin's id out of the command's answer."""
    return msgspec.json.decode(answer, type=_Answer).bulletin_id


class _Answer(msgspec.Struct):
    bulletin_id: str
