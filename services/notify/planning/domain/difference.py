"""From what stands in the ledger to what is wanted, by natural key. Doing it twice changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from services.notify.planning.domain.case import Case
from services.notify.planning.domain.rows import DECIDED_WHEN_DUE, REVIVABLE, Change, Existing, Row


def diff(case: Case, wanted: Sequence[Row], existing: Sequence[Existing], now: datetime) -> list[Change]:
    """The steps. Only rows that nobody was told of are changed; what went out stands as it went.

    A row that was withdrawn or not needed is planned again when it is wanted again and its time is still to come,
    unless the ledger itself had made it needless when it was due.
    """
    there = {e.message_id: e for e in existing}
    asked = {row.key.message_id: row for row in wanted}
    steps = [step for key, row in asked.items() for step in _towards(key, row, there.get(key), now)]
    return steps + list(_withdrawals(case, asked, existing))


def _towards(key: str, row: Row, found: Existing | None, now: datetime) -> Iterator[Change]:
    if found is None:
        yield Change(key, "insert", row, row.state, row.reason, row.merged_into)
    elif found.state == "planned" and row.state != "planned":
        yield Change(key, "close", row, row.state, row.reason, row.merged_into)
    elif found.state == "planned" and _moved(row, found):
        yield Change(key, "reschedule", row)
    elif row.state == "planned" and row.due_at >= now and _revivable(found):
        yield Change(key, "revive", row)


def _revivable(found: Existing) -> bool:
    return found.state in REVIVABLE and found.reason not in DECIDED_WHEN_DUE


def _moved(row: Row, found: Existing) -> bool:
    """Whether a planned row is to go out at another time or says something else."""
    return (row.due_at, row.latest_useful, row.announced, row.previous, row.template, row.gather) != (
        found.due_at, found.latest_useful, found.announced, found.previous, found.template, found.gather)  # fmt: skip


def _withdrawals(case: Case, asked: Mapping[str, Row], existing: Sequence[Existing]) -> Iterator[Change]:
    for row in existing:
        if row.state == "planned" and row.message_id not in asked:
            yield Change(row.message_id, "close", None, "withdrawn", _why(case, row))


def _why(case: Case, row: Existing) -> str:
    if row.recipient_id in case.left:
        return "place_left"
    return "superseded" if row.version < case.version else "not_wanted"
