"""What notify listens to: every stream that says who must be told what, and when."""

from collections.abc import Sequence
from typing import Final

from services.notify.facts import store as facts
from services.notify.facts.store import Policies
from services.notify.planning.domain import causes
from services.notify.planning.service import replan
from services.notify.subjects.service import moved_units, touched
from shared.consumer import Effect
from shared.db import Connection
from shared.envelope import Received
from shared.runtime import Runtime
from shared.units import apply_units

TOPICS: Final = ("training.unit.v1", "training.programme.v1", "training.quota.v1", "training.pool.v1", "training.class.v1", "training.place.v1",
                 "training.document.v1", "training.standing.v1", "training.commission.v1")  # fmt: skip


def effect(_: Runtime) -> Effect:
    """The consumer's effect: facts into their tables, then the plans of what they touch."""
    policies = Policies()

    async def apply(con: Connection, received: Sequence[Received]) -> None:
        known = [(r.event, r.version, r.now) for r in received if r.event is not None]
        if known:
            await facts.write(con, known)
            moved = await moved_units(con, known)
            await apply_units(con, received)
            subjects = await touched(con, known, moved)
            await replan(con, subjects, max(at for _, _, at in known), policies, causes(subjects, received))

    return apply
