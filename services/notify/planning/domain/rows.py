"""The rows of the ledger as the planner sees them: what is wanted, and what stands there already."""

from datetime import date, datetime
from hashlib import sha1
from typing import Final, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

State = Literal["planned", "merged", "too_late", "not_needed"]
NAMESPACE: Final = sha1(UUID("5b0e8e3a-6f0c-5d1e-9a55-2f1a7c0d4e61").bytes, usedforsecurity=False)
TOLD: Final = frozenset({"sending", "accepted", "delivered", "in_doubt"})
REVIVABLE: Final = frozenset({"withdrawn", "not_needed"})
DECIDED_WHEN_DUE: Final = frozenset({"has_receipt", "nothing_sent"})  # by what the ledger held then, not by the facts


class Key(NamedTuple):
    """The natural key of a message: one reminder, on one channel, to one recipient, about one announced date."""

    subject_kind: str
    subject_id: str
    recipient_kind: str
    recipient_id: str
    kind: str
    occurrence: str
    version: int
    channel: str

    @property
    def message_id(self) -> str:
        """The same for the same key, wherever and whenever it is planned: a plan made twice is one row.

        A UUID of version 5 (RFC 9562) in a namespace that is hashed once, not once for each row of every night's sweep.
        """
        named = NAMESPACE.copy()
        named.update("\x1f".join(map(str, self)).encode())
        return str(UUID(bytes=named.digest()[:16], version=5))


class Recipient(Struct, frozen=True):
    """Who is told, since when the subject concerns them, and what the row needs for row-level security."""

    kind: Literal["person", "unit", "office", "staff"]
    id: str
    since: datetime
    unit_path: str | None = None
    institution_path: str | None = None
    place_id: str | None = None


class Row(Struct, frozen=True, kw_only=True):
    """A wanted row with its outcome so far. ``gather`` names the rows that become one message when they are due together."""

    key: Key
    recipient: Recipient
    policy_key: str
    template: str
    class_id: str | None
    entry_id: str | None
    announced: date | None
    previous: date | None
    due_at: datetime
    latest_useful: datetime | None
    only_if: str | None
    gather: str | None
    proof: bool
    invitation: bool
    nature: Literal["event", "dated", "now"]
    state: State = "planned"
    reason: str | None = None
    merged_into: str | None = None


class Existing(Struct, frozen=True):
    """A row of the ledger."""

    message_id: str
    subject_kind: str
    subject_id: str
    recipient_kind: str
    recipient_id: str
    kind: str
    version: int
    template: str
    announced: date | None
    previous: date | None
    due_at: datetime
    latest_useful: datetime | None
    gather: str | None
    state: str
    reason: str | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What the row is about."""
        return self.subject_kind, self.subject_id


class Change(Struct, frozen=True):
    """One step from what stands in the ledger to what is wanted. ``row`` is None for a withdrawal."""

    message_id: str
    act: Literal["insert", "reschedule", "revive", "close"]
    row: Row | None = None
    state: str = "planned"
    reason: str | None = None
    merged_into: str | None = None
