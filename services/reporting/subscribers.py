"""What reporting listens to: everything that is counted."""

from collections.abc import Sequence
from typing import Final

from services.reporting.facts.service import project
from shared.consumer import Effect
from shared.db import Connection
from shared.envelope import Received
from shared.runtime import Runtime

TOPICS: Final = ("training.unit.v1", "training.programme.v1", "training.quota.v1", "training.class.v1",
                 "training.place.v1", "training.document.v1", "training.inspection.v1")  # fmt: skip


def effect(_: Runtime) -> Effect:
    """The consumer's effect: the facts, one row per place, class, cell and document."""

    async def apply(con: Connection, received: Sequence[Received]) -> None:
        await project(con, received)

    return apply
