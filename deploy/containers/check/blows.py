"""What is done to containers while commands come in: kill -9 and start again, and an orderly restart of one after the other."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from deploy.containers.check.engine import docker
from deploy.containers.check.stack import Stack, until_ready
from deploy.local.paths import SERVICES
from deploy.local.say import say

KILLED: Final = (*SERVICES, "gateway", "sink", "kafka", "postgres")
ROLLED: Final = (*SERVICES, "gateway")
GRACE: Final = "90"  # s, as in docker-compose.yml


@dataclass(frozen=True)
class Blow:
    """`at` (machine clock, s) is the moment of the stop, `back` how long after the start the container was ready again, in seconds."""

    kind: str
    container: str
    at: float
    back: float


def strike(stack: Stack) -> list[Blow]:
    """Each part's last container is killed, then every container of services and gateway is restarted in order."""
    return [*each(stack, KILLED, slice(-1, None), kill), *each(stack, ROLLED, slice(None), restart)]


def each(stack: Stack, services: tuple[str, ...], which: slice, hit: Callable[[str], str]) -> Iterator[Blow]:
    """One blow after the other; the next one when the container works again."""
    for service in services:
        for container in stack.containers(service)[which]:
            at = time.monotonic()
            kind = hit(container)
            blow = Blow(kind, container, at, until_ready(service, container))
            say("blow", kind=kind, container=container, seconds=round(blow.back, 1))
            yield blow


def kill(container: str) -> str:
    """No time to finish anything."""
    docker("kill", container)
    docker("start", container)
    return "kill"


def restart(container: str) -> str:
    """SIGTERM, time to finish, and again from the start."""
    docker("restart", "-t", GRACE, container)
    return "restart"
