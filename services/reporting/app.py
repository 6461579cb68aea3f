"""Puts reporting together."""

from pathlib import Path
from typing import Final

from services.reporting import subscribers
from services.reporting.league import pages, routes
from services.reporting.settings import Settings
from shared.service import Service

SERVICE: Final = Service(
    name="reporting",
    package=Path(__file__).parent,
    settings=Settings,
    routers=(routes.router, pages.router),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
)
