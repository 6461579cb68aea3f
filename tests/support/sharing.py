"""Which tests go to which process of a run: a file stays together (its fixtures are made once), the longest ones begin."""

import pytest

STORY = {"test_scope_matrix.py", "test_story.py"}  # they look at one story that is played once
LONG = ("e2e", "browser", "integration")


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return LONG.index(folder) if folder in LONG else len(LONG)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)
    for item in items:
        name = "story" if item.path.name in STORY else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))
