"""Delivery receipts of the SMS provider: kept as they came, applied once, never lowering what is known already."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from services.notify.sending import store as sending
from shared.db import Connection, load_queries

Q = load_queries(__file__)
SENT_ALREADY: Final = frozenset({"accepted", "failed"})


class Receipt(Struct, frozen=True):
    """What the provider reports of one attempt. The phone number is not kept."""

    out_id: str
    delivered: bool
    code: str
    reported_at: datetime | None


async def take(con: Connection, receipts: Sequence[Receipt], now: datetime) -> int:
    """Apply receipts; repeated and unknown ones change nothing. Gives how many messages changed."""
    columns = [[getattr(r, c) for r in receipts] for c in Receipt.__struct_fields__]
    new = [r for r in await con.fetch(Q.keep, *columns) if r["known"]]
    if not new:
        return 0
    ids = [r["out_id"] for r in new]
    await con.execute(Q.settle_attempts, ids, now)
    rows = await con.fetch(Q.settle_rows, ids, [r["delivered"] for r in new], [r["code"] for r in new], now)
    await sending.call_sooner(con, [r["message_id"] for r in rows if r["state"] == "failed"], now)
    await sending.publish(con, [step for row in rows for step in _steps(row)], now)
    return len(rows)


def _steps(row: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], str, int]]:
    """The events of a row: a receipt that beats the gateway's own answer says that it was sent, too."""
    last = (row, row["state"], row["stream_version"])
    return [last] if row["before"] in SENT_ALREADY else [(row, "accepted", row["stream_version"] - 1), last]
