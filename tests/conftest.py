from hypothesis import settings

from tests.support.browser import browser, browser_program
from tests.support.databases import new_database
from tests.support.played import played
from tests.support.servers import servers, topic_prefix
from tests.support.sharing import pytest_collection_finish, pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.support.skips import pytest_sessionfinish
from tests.support.stack import gateway, new_plan, run_service, sink, stack

settings.register_profile("shipei", deadline=None)  # no timed asserts: a slow machine is no mistake
settings.load_profile("shipei")

__all__ = [
    "browser",
    "browser_program",
    "gateway",
    "new_database",
    "new_plan",
    "played",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_sessionfinish",
    "pytest_xdist_make_scheduler",
    "run_service",
    "servers",
    "sink",
    "stack",
    "topic_prefix",
]
