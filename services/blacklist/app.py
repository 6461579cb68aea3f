"""Puts blacklist together."""

from pathlib import Path
from typing import Final

from services.blacklist import subscribers
from services.blacklist.cases import pages as cases
from services.blacklist.entries import routes as entries
from services.blacklist.entries.store import measures
from services.blacklist.exceptions import pages as exceptions
from services.blacklist.own import pages as own
from services.blacklist.record import pages as record_pages
from services.blacklist.record import routes as record
from services.blacklist.settings import Settings
from shared.service import Service

SERVICE: Final = Service(
    name="blacklist",
    package=Path(__file__).parent,
    settings=Settings,
    routers=(entries.router, record.router, record_pages.router, own.router, cases.router, exceptions.router),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
    measures=measures,
)
