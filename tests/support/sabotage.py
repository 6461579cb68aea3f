"""Runs a service with one protection switched off: ``python -m tests.support.sabotage NAME MODULE``.

The product has no such switch; the protection is taken out from outside before the service is imported.
"""

import dataclasses
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import msgspec

from deploy.local.child import python
from deploy.local.stack import Stack


async def sabotage(stack: Stack, service: str, how: str, **environment: str) -> None:
    """Restart the service with a protection taken out."""
    program = stack.supervisor.programs[service]
    command = python("-m", "tests.support.sabotage", how, f"services.{service}")
    stack.supervisor.programs[service] = dataclasses.replace(program, command=command)
    await stack.restart(service, **environment)


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


def other_ids() -> None:
    """Each process gives a message another id for the same key, so that after a restart it stands in the ledger twice."""
    from uuid import uuid4, uuid5

    from services.notify.planning.domain.rows import Key

    own = uuid4()
    setattr(Key, "message_id", property(lambda key: str(uuid5(own, "/".join(map(str, key))))))  # noqa: B010  (mypy forbids the assignment)


def place_forgotten() -> None:
    """The last of the accepted rows gets neither a place nor an event, though its job says that it has both."""
    from services.enrolment.places import store

    save = store.save

    async def forgetful(con: Any, context: Any, places: Any, events: Sequence[Any]) -> Any:
        return await save(con, context, places, events[:-1])

    vars(store).update(save=forgetful)


def cursor_off() -> None:
    """What can be read is applied as it comes: nobody looks which event of its stream it is."""
    from shared.consumer.order import Order
    from shared.consumer.records import Item

    def offer(_: Order, item: Item) -> list[Item]:
        return [item] if item.received is not None else []

    setattr(Order, "offer", offer)  # noqa: B010  (mypy forbids the assignment)


def unruly_relay() -> None:
    """Not a protection but what protections are for: each page is sent backwards, and then once more."""
    from shared.sender import Sender

    send = Sender.send

    async def unruly(sender: Sender, rows: Sequence[Any]) -> None:
        await send(sender, rows[::-1])
        await send(sender, rows)

    setattr(Sender, "send", unruly)  # noqa: B010  (mypy forbids the assignment)


def odd_third() -> None:
    """The third event of one place, the first to have one, goes out with its class in a list; no contract has that."""
    from shared.sender import Sender

    send, places = Sender.send, list[str]()

    def is_odd(row: Any) -> bool:
        if row["topic"] != "training.place.v1" or msgspec.json.decode(row["headers"])["ce_streamversion"] != "3":
            return False
        places.append(row["key"])
        return bool(places[0] == row["key"])

    def odd(row: Any) -> Any:
        body = msgspec.json.decode(row["payload"])
        return {**dict(row), "payload": msgspec.json.encode({**body, "class_id": [body["class_id"]]})}

    async def sending(sender: Sender, rows: Sequence[Any]) -> None:
        await send(sender, [odd(row) if is_odd(row) else row for row in rows])

    setattr(Sender, "send", sending)  # noqa: B010  (mypy forbids the assignment)


def next_release() -> None:
    """A release of the consumers that can also read a class in a list."""
    from shared.envelope import _DECODE

    known = _DECODE["training.trainee.assigned.v1"]

    def decode(payload: bytes) -> Any:
        body = msgspec.json.decode(payload)
        if isinstance(body["class_id"], list):
            (body["class_id"],) = body["class_id"]
        return known(msgspec.json.encode(body))

    _DECODE["training.trainee.assigned.v1"] = decode


def exit_at_point() -> None:
    """A process that is to be killed at a point ends there with a code of its own."""
    vars(os).update(kill=lambda *_: os._exit(3))


SABOTAGE: dict[str, Callable[[], None]] = {
    "outbox-outside": outbox_outside,
    "claim-off": claim_off,
    "other-ids": other_ids,
    "place-forgotten": place_forgotten,
    "cursor-off": cursor_off,
    "unruly-relay": unruly_relay,
    "odd-third": odd_third,
    "next-release": next_release,
    "exit-at-point": exit_at_point,
}

if __name__ == "__main__":
    name, module = sys.argv[1:3]
    SABOTAGE[name]()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")
