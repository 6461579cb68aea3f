"""The ledger's rows, locked, read and written in sets."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from services.notify.planning.domain import Cause, Change, Existing, Row
from services.notify.subjects.store import Subject
from shared.db import Connection, load_queries

Q = load_queries(__file__)
Caused: TypeAlias = tuple[Change, Cause | None]


async def hold(con: Connection, subjects: Collection[Subject]) -> None:
    """Lock the planned rows of the subjects, so that none is sent while its plan is made."""
    await con.execute(Q.lock_planned, [key for _, key in subjects])


async def existing(con: Connection, subjects: Collection[Subject]) -> dict[Subject, list[Existing]]:
    """The ledger's rows of the subjects."""
    ids = [key for _, key in subjects]
    found: dict[Subject, list[Existing]] = {s: [] for s in subjects}
    for record in await con.fetch(Q.existing, ids):
        row = Existing(**dict(record))
        if row.subject in found:
            found[row.subject].append(row)
    return found


async def apply(con: Connection, changes: Sequence[Caused], now: datetime) -> None:
    """Write the changes, each with what caused it if that is known; one statement a kind of change."""
    acts: dict[str, list[Caused]] = {}
    for change, cause in changes:
        acts.setdefault("plan" if change.act in {"reschedule", "revive"} else change.act, []).append((change, cause))
    if new := acts.get("insert"):
        await con.execute(Q.insert, [_row(*c) for c in new], now)
    if again := acts.get("plan"):
        await con.execute(Q.plan_again, [_row(*c) for c in again], now)
    if closed := [change for change, _ in acts.get("close", ())]:
        await con.execute(Q.close, [c.message_id for c in closed], [c.state for c in closed], [c.reason for c in closed],
                          [c.merged_into for c in closed], now)  # fmt: skip
        await con.execute(Q.unmerge, [c.message_id for c in closed])


def _row(change: Change, cause: Cause | None) -> dict[str, object]:
    row = change.row
    if row is None:
        raise ValueError(f"{change.act} of {change.message_id} without a row")
    return {**_said(row), **row.key._asdict(), "message_id": change.message_id, "state": change.state,
            "reason": change.reason, "merged_into": change.merged_into,
            **(msgspec.structs.asdict(cause) if cause else {})}  # fmt: skip


def _said(row: Row) -> dict[str, object]:
    """A wanted row by the ledger's column names; names that are no column are passed over by the statement."""
    who = row.recipient
    refers = {"person": "person_id", "unit": "unit_id"}.get(who.kind)
    return {**msgspec.structs.asdict(row), "place_id": who.place_id, "unit_path": who.unit_path,
            "institution_path": who.institution_path, **({refers: who.id} if refers else {})}  # fmt: skip
