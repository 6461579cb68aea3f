"""What blacklist listens to: everything that bears on a dropout, and its own entries (to learn what a restore forgot)."""

from collections.abc import Sequence
from typing import Final

from services.blacklist.entries.service import follow
from shared.consumer import Effect
from shared.db import Connection
from shared.envelope import Received
from shared.runtime import Runtime
from shared.units import apply_units

TOPICS: Final = ("training.unit.v1", "training.programme.v1", "training.class.v1", "training.place.v1",
                 "training.message.v1", "training.standing.v1")  # fmt: skip


def effect(runtime: Runtime) -> Effect:
    """The consumer's effect: facts first, then the entries that they bear on."""

    async def apply(con: Connection, received: Sequence[Received]) -> None:
        await apply_units(con, received)
        await follow(con, received, runtime.name)

    return apply
