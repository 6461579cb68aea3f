"""Runs a service with one protection switched off: ``python -m tests.support.sabotage NAME MODULE``.

The product has no such switch; the protection is taken out from outside before the service is imported.
"""

import os
import runpy
import sys
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg


def outbox_outside() -> None:
    """The outbox row is written in a transaction of its own, before the state's."""
    from shared import outbox

    inside = outbox.append_each

    async def outside(_: Any, pairs: Sequence[Any]) -> None:
        con = await asyncpg.connect(os.environ["SHIPEI_DSN_WRITER"])
        try:
            await inside(con, pairs)
        finally:
            await con.close()

    async def append(con: Any, context: Any, entries: Sequence[Any]) -> None:
        await outside(con, [(context, e) for e in entries])

    vars(outbox).update(append=append, append_each=outside)


def claim_off() -> None:
    """Two dispatchers may take the same row: no row lock, no lease, no last look at who holds it."""
    from tests.integration.notify.sabotage import claim_lock_off

    claim_lock_off()


SABOTAGE: dict[str, Callable[[], None]] = {"outbox-outside": outbox_outside, "claim-off": claim_off}

if __name__ == "__main__":
    name, module = sys.argv[1:3]
    SABOTAGE[name]()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")
