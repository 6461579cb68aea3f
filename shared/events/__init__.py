"""The public contract between the services: every event, by its type string."""

import inspect
from typing import Final

from shared.events import blacklist, enrolment, notify
from shared.events.base import Event, Names

PRODUCERS: Final = {"enrolment": enrolment, "notify": notify, "blacklist": blacklist}


def _concrete(module: object) -> list[type[Event]]:
    members = [m for _, m in inspect.getmembers(module, inspect.isclass)]
    return [m for m in members if issubclass(m, Event) and "type" in vars(m)]


EVENTS: Final[dict[str, type[Event]]] = {e.type: e for module in PRODUCERS.values() for e in _concrete(module)}
PRODUCER_OF: Final[dict[str, str]] = {e.type: name for name, module in PRODUCERS.items() for e in _concrete(module)}

__all__ = ["EVENTS", "PRODUCERS", "PRODUCER_OF", "Event", "Names"]
