"""Which tests go to which process of a run: a file stays together (its fixtures are made once), the longest ones begin."""

import gc

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

STORY = tuple(f"tests/e2e/test_{name}.py" for name in ("replay", "scope_matrix", "story"))  # one story, played once
FIRST = (*STORY, "tests/e2e/", "tests/browser/", "tests/integration/")


class Together(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests in one process. By node id: xdist 3.8's own groups do nothing under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "story" if file in STORY else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return Together(config, log)


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


def pytest_collection_finish() -> None:
    gc.freeze()  # the tests themselves stay: no collection needs to walk them


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
