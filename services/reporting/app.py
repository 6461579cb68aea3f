"""Puts reporting together."""

from pathlib import Path
from typing import Final

from services.reporting import subscribers
from services.reporting.bulletins import pages as bulletin_pages
from services.reporting.bulletins import routes as bulletins
from services.reporting.dashboard import pages as dashboard_pages
from services.reporting.dashboard import routes as dashboard
from services.reporting.dashboard.store import measures
from services.reporting.exports import routes as exports
from services.reporting.league import pages, routes
from services.reporting.settings import Settings
from services.reporting.trends import pages as trend_pages
from services.reporting.trends import routes as trends
from shared.service import Service

SERVICE: Final = Service(
    name="reporting",
    package=Path(__file__).parent,
    settings=Settings,
    routers=(
        routes.router,
        pages.router,
        exports.router,
        bulletins.router,
        bulletin_pages.router,
        trends.router,
        trend_pages.router,
        dashboard.router,
        dashboard_pages.router,
    ),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
    measures=measures,
)
