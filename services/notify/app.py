"""Composition root of notify: the only reader of its settings."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.notify import subscribers
from services.notify.doubts import pages as doubt_pages
from services.notify.doubts import routes as doubts
from services.notify.jobs import jobs
from services.notify.ledger import pages as ledger_pages
from services.notify.ledger import routes as ledger
from services.notify.overdue import pages as overdue_pages
from services.notify.overdue import routes as overdue
from services.notify.receipts import routes as receipts
from services.notify.settings import NotifySettings
from services.notify.sweeping.service import measures
from shared.service import Service, create_app

SERVICE: Final = Service(
    name="notify",
    package=Path(__file__).parent,
    settings=NotifySettings,
    routers=(
        doubts.router,
        receipts.router,
        ledger.router,
        ledger_pages.router,
        doubt_pages.router,
        overdue.router,
        overdue_pages.router,
    ),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
    jobs=jobs,
    measures=measures,
)


def build(settings: NotifySettings) -> FastAPI:
    """The ASGI application."""
    return create_app(SERVICE, settings)
