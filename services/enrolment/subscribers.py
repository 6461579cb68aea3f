"""What enrolment listens to: blacklist's decisions."""

from collections.abc import Sequence
from typing import Final

from services.enrolment.standing.service import apply_standing
from shared.consumer import Effect
from shared.db import Connection
from shared.envelope import Received
from shared.events.blacklist import BanEvent
from shared.runtime import Runtime

TOPICS: Final = (BanEvent.topic,)


def effect(runtime: Runtime) -> Effect:
    """The consumer's effect: project what is barred, revoke the places that it covers."""

    async def apply(con: Connection, received: Sequence[Received]) -> None:
        await apply_standing(con, received, runtime.name)

    return apply
