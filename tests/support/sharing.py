"""Which tests go to which process of a run: a file stays together (its fixtures are made once), the longest ones begin."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

STORY = {"tests/e2e/test_scope_matrix.py", "tests/e2e/test_story.py"}  # they look at one story that is played once
LONG = ("e2e", "browser", "integration")


class Together(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests in one process. By node id: xdist 3.8's own groups do nothing under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "story" if file in STORY else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return Together(config, log)


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return LONG.index(folder) if folder in LONG else len(LONG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
