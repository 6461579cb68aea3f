"""One member of the group in a process of its own: ``python -m tests.integration.shared.member WRITER READER KAFKA PREFIX REPLICA``."""

import asyncio
import signal
import sys

import uvloop

from deploy.local.databases import Dsns
from shared.consumer import Consumer
from shared.db import Database
from shared.sender import Sender
from shared.subscriber import Subscription
from tests.integration.shared.rig import TOPIC, Place, Rig

SESSION_MS = 1_000


async def main(writer: str, reader: str, kafka: str, prefix: str, replica: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    place = Place(kafka, prefix, replica)
    async with Database(writer, reader) as db:
        rig = Rig(Dsns("", "", writer, reader), place, db, Sender.__new__(Sender))
        consumer = Consumer("reader", [TOPIC], db, rig.write_ledger, reconcile_seconds=1.0)
        async with Subscription(consumer, place, session_ms=SESSION_MS, max_records=20):
            await stop.wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
