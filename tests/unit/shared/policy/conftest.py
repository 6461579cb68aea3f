"""A good policy file, and a way to break it in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.policy import Policy, PolicyError, UnitsFile, load, load_units, review

POLICIES = Path(__file__).parents[4] / "deploy/policies"
Broken = Callable[..., PolicyError]


@pytest.fixture(scope="session")
def units() -> UnitsFile:
    return load_units((POLICIES / "units-henan.yaml").read_text("utf-8"))


@pytest.fixture(scope="session")
def text() -> str:
    return (POLICIES / "henan-2021.yaml").read_text("utf-8")


@pytest.fixture(scope="session")
def policy(text: str, units: UnitsFile) -> Policy:
    return load(text, units)


@pytest.fixture(scope="session")
def zhengzhou(units: UnitsFile) -> Policy:
    return load((POLICIES / "zhengzhou-2022.yaml").read_text("utf-8"), units)


@pytest.fixture
def broken(text: str, units: UnitsFile) -> Broken:
    """Replaces one passage and returns the only mistake that is then found; its line must be that of ``at``."""

    def breaks(old: str, new: str, at: str | None = None) -> PolicyError:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
        bad = text.replace(old, new)
        _, said = review(bad, units)
        assert len(said) == 1, [error.en for error in said]
        assert (at or new.splitlines()[0]) in bad.splitlines()[said[0].line - 1]
        return said[0]

    return breaks
