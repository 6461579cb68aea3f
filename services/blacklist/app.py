"""Composition root of blacklist: the only reader of its settings."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.blacklist import subscribers
from services.blacklist.entries import pages, routes
from services.blacklist.record import pages as record_pages
from services.blacklist.record import routes as record_routes
from services.blacklist.settings import Settings
from shared.service import Service, create_app

SERVICE: Final = Service(
    name="blacklist",
    package=Path(__file__).parent,
    settings=Settings,
    routers=(routes.router, record_routes.router, record_pages.router, pages.router),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
)


def build(settings: Settings) -> FastAPI:
    """The ASGI application."""
    return create_app(SERVICE, settings)
