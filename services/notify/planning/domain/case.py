"""A case: all that a plan asks of one subject, whatever kind of subject it is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from msgspec import Struct

from services.notify.planning.domain.rows import Recipient
from shared.policy.moments import Anchors

EVERYONE: Final = "*"


class Anchor(Struct, frozen=True, kw_only=True):
    """Something that a plan can hang on, and since when it is known.

    ``announced`` is the date that its messages tell, ``previous`` the date that it made void; ``variant`` tells apart what may happen twice;
    ``owner`` is the unit that owes something: whoever else is told reads of it, not of a debt of his own.
    """

    at: date | datetime
    since: datetime
    template: str
    version: int
    announced: date | None = None
    previous: date | None = None
    variant: str | None = None
    owner: str | None = None


class Case(Struct, frozen=True, kw_only=True):
    """One subject.

    ``anchors`` by name (``event:…``, ``moment:…``, ``deadline:…``; what a plan meets several times has ``#1``, ``#2`` … behind it), ``audiences`` by the policy's word (``unit_contact`` by
    level: ``unit_contact:county``), ``settled`` by the policy's reason to stop, ``left`` = recipients whom the subject no
    longer concerns, ``told`` = who was told an older version, and which date; ``current`` = those of them
    for whom nothing has changed in the end; ``gathers`` = one message for many subjects of a ``topic``.
    """

    kind: str
    id: str
    version: int
    anchors: Mapping[str, Anchor]
    moments: Anchors
    audiences: Mapping[str, tuple[Recipient, ...]]
    settled: Mapping[str, frozenset[str]]
    left: frozenset[str] = frozenset()
    told: Mapping[tuple[str, str], date | None] = {}
    current: frozenset[tuple[str, str]] = frozenset()
    class_id: str | None = None
    entry_id: str | None = None
    gathers: bool = False
    topic: str | None = None
    open: bool = True

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and id."""
        return self.kind, self.id


def only(recipients: Mapping[str, Recipient]) -> tuple[Recipient, ...]:
    """In an order that does not depend on that of the facts."""
    return tuple(recipients[key] for key in sorted(recipients))
