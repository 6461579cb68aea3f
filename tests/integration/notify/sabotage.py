"""What the claim protects, switched off on purpose: a run of this must send messages twice."""

import itertools
from collections.abc import Callable
from typing import Any

from services.notify.channels import service as channels
from services.notify.sending import store
from services.notify.sending.domain import Claimed


class Altered:
    """Queries with some statements replaced."""

    def __init__(self, queries: Any, **altered: str) -> None:
        self._queries = queries
        self._altered = altered

    def __getattr__(self, name: str) -> str:
        text: str = self._altered.get(name) or getattr(self._queries, name)
        return text


def claim_lock_off(replace: Callable[[object, str, object], None] = setattr) -> None:
    """No row lock, no lease, no last look: whoever sees a due row sends it."""
    claim = store.Q.claim.replace("FOR UPDATE SKIP LOCKED", "")
    claim = claim.replace("AND (lease_until IS NULL OR lease_until < clock_timestamp())", "")
    hold = store.Q.hold.replace("AND lease_token = $1 AND lease_until > clock_timestamp()", "AND $1::text IS NOT NULL")
    hold = hold.replace("AND state = 'planned'", "").replace("ORDER BY message_id FOR UPDATE", "")
    if claim == store.Q.claim or hold == store.Q.hold:
        raise ValueError("there was nothing to switch off")
    numbers = itertools.count()

    def unlike(row: Claimed) -> str:
        return f"{row.message_id}.{row.tries + 1}-{next(numbers)}"

    replace(store, "Q", Altered(store.Q, claim=claim, hold=hold))
    replace(channels, "attempt_id", unlike)
