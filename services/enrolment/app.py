"""Puts enrolment together."""

from pathlib import Path
from typing import Final

from services.enrolment import subscribers
from services.enrolment.checkin import routes as checkin
from services.enrolment.classes import routes as classes
from services.enrolment.documents import routes as documents
from services.enrolment.imports import pages as import_pages
from services.enrolment.imports import routes as imports
from services.enrolment.jobs import jobs
from services.enrolment.people import routes as people
from services.enrolment.places import routes as places
from services.enrolment.programmes import routes as programmes
from services.enrolment.quota import routes as quota
from services.enrolment.settings import EnrolmentSettings
from services.enrolment.units import routes as units
from shared.service import Service

SERVICE: Final = Service(
    name="enrolment",
    package=Path(__file__).parent,
    settings=EnrolmentSettings,
    routers=(
        units.router,
        programmes.router,
        quota.router,
        people.router,
        places.router,
        import_pages.router,
        imports.router,
        classes.router,
        documents.router,
        checkin.router,
    ),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
    jobs=jobs,
)
