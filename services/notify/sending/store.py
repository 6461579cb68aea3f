"""The ledger's rows on their way out: claimed with a lease, looked at once more, attempted, answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from services.notify.sending.domain import Claimed, Outcome, back_off, event_of
from shared.context import Context
from shared.db import Connection, load_queries
from shared.outbox import Entry, append_each
from shared.telemetry.trace import child, start, trace_id

Q = load_queries(__file__)
ACTOR: Final = "notify"
SEEN_BY: Final = ("channel", "person_id", "unit_path", "institution_path")


class Answer(Struct, frozen=True):
    """What came back for one attempt."""

    message_id: str
    attempt_id: str
    tries: int
    outcome: Outcome


class Written(Struct, frozen=True):
    """One attempt to be written: what the ledger keeps of it."""

    message_id: str
    attempt_id: str
    address: str
    title: str | None
    body: str
    parts: int | None


async def housekeep(con: Connection, now: datetime) -> int:
    """Rows that need no channel: too late, arrived already, for the call list, merged. Gives how many."""
    done = 0
    for statement in (Q.expire, Q.not_needed, Q.list_calls, Q.gather):
        done += len(await con.fetch(statement, now))
    return done


async def claim(con: Connection, channel: str, now: datetime, token: str, lease: float, limit: int) -> list[Claimed]:
    """Due rows that nobody else has, for ``lease`` seconds of the machine clock."""
    rows = await con.fetch(Q.claim, now, token, channel, lease, limit)
    return [Claimed(**dict(r) | {"merged": tuple(r["merged"])}) for r in rows]


async def release(con: Connection, token: str, message_ids: Sequence[str]) -> None:
    """Give claimed rows back."""
    if message_ids:
        await con.execute(Q.release, token, list(message_ids))


async def postpone(con: Connection, token: str, until: Mapping[str, datetime]) -> None:
    """Give claimed rows back until the send window opens."""
    if until:
        await con.execute(Q.postpone, token, list(until), list(until.values()))


async def unreachable(con: Connection, token: str, reasons: Mapping[str, str], now: datetime) -> None:
    """Claimed rows that can't be sent, each with its reason."""
    if reasons:
        await _settle(con, await con.fetch(Q.unreachable, token, list(reasons), list(reasons.values()), now), now)


async def give_back(con: Connection, token: str, message_ids: Sequence[str], now: datetime) -> None:
    """Claimed rows that did not pass the last look. One whose date has moved (it came back from an attempt) is withdrawn."""
    if message_ids:
        await con.execute(Q.withdraw_superseded, token, list(message_ids), now)
        await release(con, token, message_ids)


async def look(con: Connection, token: str, written: Sequence[Written], now: datetime, lease: float) -> set[str]:
    """The last look under the rows' locks; gives the attempts that may be called. The caller commits before it calls."""
    rows = {r["message_id"]: r for r in await con.fetch(Q.hold, token, [w.message_id for w in written], now)}
    passed = [w for w in written if w.message_id in rows]
    ids = [w.attempt_id for w in passed]
    if passed:
        await con.execute(Q.take, [w.message_id for w in passed], ids)
        columns = [[getattr(w, c) for w in passed] for c in Written.__struct_fields__]
        columns += [[rows[w.message_id][c] for w in passed] for c in SEEN_BY]
        await con.execute(Q.attempt, *columns, now, lease)
    return set(ids)


async def answer(con: Connection, answers: Sequence[Answer], now: datetime, settled_by: str | None = None) -> None:
    """Write what came back, with the events of what is decided by it. A state never falls."""
    ids = [a.attempt_id for a in answers]
    await con.execute(Q.answer_attempts, ids, [a.outcome.result for a in answers], [a.outcome.code for a in answers],
                      [a.outcome.reference for a in answers], settled_by, now)  # fmt: skip
    held = await con.fetch(Q.under_way, [a.message_id for a in answers], ids)
    under_way = {r["attempt_id"]: r["state"] for r in held}
    news = [(a, a.outcome.state(a.tries)) for a in answers if a.attempt_id in under_way]
    news = [(a, state) for a, state in news if state != under_way[a.attempt_id]]
    rows = await con.fetch(
        Q.answer_rows,
        [a.message_id for a, _ in news],
        [state for _, state in news],
        ["sent" if state == "accepted" else a.outcome.code for a, state in news],
        [back_off(a.tries).total_seconds() for a, _ in news],
        now,
    )
    await _settle(con, [r for r in rows if r["state"] in {"accepted", "failed"}], now)


async def _settle(con: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    failed = [r["message_id"] for r in rows if r["state"] != "accepted"]
    if failed:
        await call_sooner(con, failed, now)
    await publish(con, [(r, r["state"], r["stream_version"]) for r in rows], now)


async def publish(con: Connection, found: Sequence[tuple[Mapping[str, Any], str, int]], now: datetime) -> None:
    """The events of ledger rows: row, what it became, version."""
    await append_each(
        con, [(_after(row, now), Entry(version, event_of(row, state, now))) for row, state, version in found]
    )


def _after(row: Mapping[str, Any], now: datetime) -> Context:
    """The frame of a message's event: it goes on with the trace of the fact after which the message was planned."""
    own = context(now)
    if row["cause_id"] is None:
        return own
    return replace(
        own, correlation_id=row["correlation_id"], traceparent=child(row["traceparent"]), causation_id=row["cause_id"]
    )


def context(now: datetime) -> Context:
    """The frame of what notify does by itself."""
    trace = start()
    return Context(now=now, actor=ACTOR, source=ACTOR, correlation_id=trace_id(trace), traceparent=trace)


async def lose_leases(con: Connection) -> int:
    """Attempts whose caller died or stands still become doubts; gives how many."""
    return len(await con.fetch(Q.lose_leases))


async def doubts(con: Connection, channel: str, patience: float, limit: int) -> list[Mapping[str, Any]]:
    """Attempts in doubt, each with ``old``: the call is longer ago than ``patience`` seconds."""
    return [dict(r) for r in await con.fetch(Q.doubts, channel, patience, limit)]


async def send_again(con: Connection, attempt_ids: Sequence[str], settled_by: str, now: datetime) -> int:
    """Doubts of which it is certain that nothing went out: their rows are planned again."""
    return len(await con.fetch(Q.send_again, list(attempt_ids), settled_by, now))


async def next_due(con: Connection) -> datetime | None:
    """The business instant of the next row to send, or of one that is under way."""
    due: datetime | None = await con.fetchval(Q.next_due)
    return due


async def call_sooner(con: Connection, message_ids: Sequence[str], now: datetime) -> None:
    """Put the holders of failed phones onto the call list now."""
    await con.execute(Q.call_sooner, list(message_ids), now)
