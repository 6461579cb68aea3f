"""Writes what the streams told, one statement per kind of fact."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from shared.db import Connection, load_queries

Q = load_queries(__file__)
Rows = Iterable[tuple[Any, ...]]

_LOCKS: Final = {
    "policy": (Q.hold_programmes, Q.lock_programmes),
    "class": (Q.hold_classes, Q.lock_classes),
    "place": (Q.hold_places, Q.lock_places),
}


async def lock(con: Connection, kind: str, keys: Sequence[str]) -> None:
    """Take the rows of a kind (``policy`` before ``class`` before ``place``), making blank ones of those not known yet.

    Two members that were told different halves of one case meet here, so the later one sees what the earlier wrote.
    """
    if keys:
        hold, take = _LOCKS[kind]
        await con.execute(hold, keys)
        await con.execute(take, keys)


def _writer(query: str) -> Callable[[Connection, Rows], Any]:
    async def write(con: Connection, rows: Rows) -> None:
        columns = [list(c) for c in zip(*rows, strict=True)]
        if columns:
            await con.execute(query, *columns)

    return write


save_rules = _writer(Q.save_rules)
save_programmes = _writer(Q.save_programmes)
schedule_classes = _writer(Q.schedule_classes)
date_classes = _writer(Q.date_classes)
close_classes = _writer(Q.close_classes)
cancel_classes = _writer(Q.cancel_classes)
end_classes = _writer(Q.end_classes)
select_places = _writer(Q.select_places)
assign_places = _writer(Q.assign_places)
expect_places = _writer(Q.expect_places)
replace_places = _writer(Q.replace_places)
add_notices = _writer(Q.add_notices)
add_facts = _writer(Q.add_facts)
add_told = _writer(Q.add_told)
add_dropouts = _writer(Q.add_dropouts)
withdraw_dropouts = _writer(Q.withdraw_dropouts)


async def record_of(con: Connection, person_id: str, place_id: str | None = None) -> list[dict[str, Any]]:
    """A person's record, oldest first, of one place or all; nothing of cancelled classes and replaced places (L13)."""
    return [dict(r) for r in await con.fetch(Q.record_of, person_id, place_id)]
