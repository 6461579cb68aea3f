"""Puts enrolment together."""

from pathlib import Path
from typing import Final

from services.enrolment import subscribers
from services.enrolment.absences import pages as absence_pages
from services.enrolment.changes import pages as change_pages
from services.enrolment.checkin import pages as checkin_pages
from services.enrolment.checkin import routes as checkin
from services.enrolment.choices import pages as choice_pages
from services.enrolment.choices import routes as choices
from services.enrolment.classes import pages as class_pages
from services.enrolment.classes import routes as classes
from services.enrolment.commissions import pages as commission_pages
from services.enrolment.commissions import routes as commissions
from services.enrolment.conditions import pages as list_pages
from services.enrolment.conditions import routes as conditions
from services.enrolment.corrections import pages as correction_pages
from services.enrolment.corrections import routes as corrections
from services.enrolment.documents import pages as document_pages
from services.enrolment.documents import routes as documents
from services.enrolment.imports import pages as import_pages
from services.enrolment.imports import routes as imports
from services.enrolment.imports.store import measures
from services.enrolment.inspections import pages as inspection_pages
from services.enrolment.inspections import routes as inspections
from services.enrolment.jobs import jobs
from services.enrolment.mine import pages as mine_pages
from services.enrolment.nominations import pages as nomination_pages
from services.enrolment.nominations import routes as nominations
from services.enrolment.overrides import pages as override_pages
from services.enrolment.overrides import routes as overrides
from services.enrolment.papers import pages as paper_pages
from services.enrolment.papers import routes as papers
from services.enrolment.people import routes as people
from services.enrolment.places import routes as places
from services.enrolment.pools import pages as pool_pages
from services.enrolment.pools import routes as pools
from services.enrolment.preparing import pages as preparing_pages
from services.enrolment.programmes import routes as programmes
from services.enrolment.quota import pages as quota_pages
from services.enrolment.quota import routes as quota
from services.enrolment.settings import EnrolmentSettings
from services.enrolment.signedlists import routes as signed_lists
from services.enrolment.substitutions import pages as substitution_pages
from services.enrolment.substitutions import routes as substitutions
from services.enrolment.tables import pages as table_pages
from services.enrolment.tables import routes as tables
from services.enrolment.transfers import pages as transfer_pages
from services.enrolment.transfers import routes as transfers
from services.enrolment.unitlists import pages as unit_list_pages
from services.enrolment.unitlists import routes as unit_lists
from services.enrolment.units import pages as unit_pages
from services.enrolment.units import routes as units
from services.enrolment.years import pages as year_pages
from shared.service import Service

SERVICE: Final = Service(
    name="enrolment",
    package=Path(__file__).parent,
    settings=EnrolmentSettings,
    routers=(
        units.router,
        unit_pages.router,
        unit_list_pages.router,
        unit_lists.router,
        programmes.router,
        year_pages.router,
        quota.router,
        quota_pages.router,
        tables.router,
        table_pages.router,
        transfers.router,
        transfer_pages.router,
        conditions.router,
        list_pages.router,
        pools.router,
        pool_pages.router,
        nominations.router,
        nomination_pages.router,
        choices.router,
        choice_pages.router,
        people.router,
        places.router,
        import_pages.router,
        imports.router,
        override_pages.router,
        overrides.router,
        class_pages.router,
        preparing_pages.router,
        change_pages.router,
        classes.router,
        document_pages.router,
        documents.router,
        commission_pages.router,
        commissions.router,
        paper_pages.router,
        papers.router,
        checkin_pages.router,
        checkin.router,
        signed_lists.router,
        absence_pages.router,
        correction_pages.router,
        corrections.router,
        substitution_pages.router,
        substitutions.router,
        mine_pages.router,
        inspection_pages.router,
        inspections.router,
    ),
    topics=subscribers.TOPICS,
    effect=subscribers.effect,
    jobs=jobs,
    measures=measures,
)
