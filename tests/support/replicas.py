"""A second process of a service beside the first, on the same database and in the same consumer group."""

import dataclasses

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack


async def second(stack: Stack, service: str) -> str:
    """Starts it under the name ``<service>-1``; gives its origin once it is ready."""
    first, port = stack.supervisor.programs[service], free_port()
    origin = f"http://{LOOPBACK}:{port}"
    name = f"{service}-1"
    environment = {**first.environment, "SHIPEI_PORT": str(port), "SHIPEI_REPLICA": "1"}
    stack.supervisor.programs[name] = dataclasses.replace(
        first, name=name, environment=environment, ready=f"{origin}/{service}/readyz"
    )
    await stack.start(name)
    return origin
