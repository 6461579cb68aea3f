"""Rounds of interleaved cases, and what is made of them: ratios taken inside one round, then their median."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

ROUNDS: Final = 5
POLL: Final = 0.005  # s between looks at something that gives no signal
Case = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Spread:
    """The median of some figures and their extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        return cls(median(figures), min(figures), max(figures))


@dataclass(frozen=True)
class Comparison:
    """One line of the table: ``ours`` against ``bare``, round by round, in ``unit``.

    ``goal`` bounds the median ratio: from below, or from above when ``at_most`` (latencies). None where none is set.
    """

    name: str
    unit: str
    ours: Sequence[float]
    bare: Sequence[float]
    goal: float | None
    at_most: bool = False

    @property
    def ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.bare, strict=True)]

    @property
    def ratio(self) -> Spread:
        return Spread.of(self.ratios)

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the goal."""
        if self.goal is None:
            return None
        return self.ratio.median <= self.goal if self.at_most else self.ratio.median >= self.goal


@dataclass(frozen=True)
class Aside:
    """A figure that is compared with nothing, such as the memory of the process ``subject``."""

    name: str
    unit: str
    figures: Sequence[float]
    subject: str = ""


@dataclass
class Findings:
    """What a suite found."""

    comparisons: list[Comparison] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)


async def rounds(cases: Mapping[str, Case], count: int = ROUNDS) -> dict[str, list[float]]:
    """``case -> figure per round``. The first round warms up and is not counted; each begins with another case."""
    names = list(cases)
    figures: dict[str, list[float]] = {name: [] for name in names}
    for number in range(count + 1):
        at = number % len(names)
        for name in names[at:] + names[:at]:
            figure = await cases[name]()
            if number:
                figures[name].append(figure)
    return figures


async def until(there: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for something that gives no signal. Errors: TimeoutError that names it."""
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not after {seconds} s: {what}")
        await asyncio.sleep(POLL)


def require(found: object, wanted: object, what: str) -> None:
    """Both cases must have done the same work. Errors: AssertionError."""
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, expected {wanted!r}")
