"""What a run of the check has found: kept as JSON, and told on a page of the documentation."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from deploy.containers.check.blows import Blow
from deploy.local.paths import ROOT, STATE

PAGE = ROOT / "docs" / "operations" / "compose-check.md"


@dataclass
class Figures:
    """Everything measured, and `wrong`: what should not be so; empty when the check holds."""

    engine: str
    images: Mapping[str, str]
    size: int = 0
    build: float = 0
    up: float = 0
    start: float = 0
    story: dict[str, Any] = field(default_factory=dict)
    replicas: dict[str, list[str]] = field(default_factory=dict)
    blows: Sequence[Blow] = ()
    load: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def expect(self, *, holds: bool, what: str) -> None:
        """Note what should hold and does not."""
        if not holds:
            self.wrong.append(what)

    def spans(self) -> int:
        """Between how many pairs of successive blows a command was answered."""
        moments, answers = [b.at for b in self.blows], self.load["answers"]
        return sum(any(a <= t < b for t in answers) for a, b in pairwise(moments))

    def gap(self) -> float:
        """The longest time between two answers, in seconds."""
        return max((b - a for a, b in pairwise(sorted(self.load["answers"]))), default=0.0)

    def write(self) -> None:
        """The run as JSON, and the page if the check holds."""
        (STATE / "compose-check.json").write_text(json.dumps(asdict(self), indent=1, default=str) + "\n")
        if not self.wrong:
            PAGE.parent.mkdir(exist_ok=True)
            PAGE.write_text(self.page())

    def page(self) -> str:
        """The documentation's page."""
        lines = [f"| {name} | {value} |" for name, value in self.rows()]
        return "\n".join([TOP, "| | |", "|---|---|", *lines, ""])

    def rows(self) -> list[tuple[str, str]]:
        """Name and value of each figure."""
        counted = self.load["counted"]
        return [
            ("Date", f"{datetime.now(UTC):%Y-%m-%d}"),
            ("Engine", self.engine),
            ("Machine", f"{os.cpu_count()} cores, load average {os.getloadavg()[2]:.0f} (15 minutes)"),
            *[(f"`{name}`", image) for name, image in self.images.items()],
            ("Image", f"{self.size / 1e6:.0f} MB, built in {self.build:.0f} s (what the engine has of it is used)"),
            ("From nothing to the ready gateway", f"{self.up:.0f} s, two of each service"),
            ("A container's start, to ready", f"{self.start:.1f} s (median of {len(self.back('restart'))})"),
            ("The story through the gateway", f"{self.story['checks']} checks hold, {self.story['seconds']} s"),
            ("Members of the consumer groups", "; ".join(f"{s} {', '.join(n)}" for s, n in self.replicas.items())),
            ("Killed (-9) and started again", ", ".join(b.container for b in self.blows if b.kind == "kill")),
            ("Ready again after a kill", f"{median(self.back('kill')):.1f} s (median), {max(self.back('kill')):.1f} s (longest)"),
            ("Restarted one after the other", ", ".join(b.container for b in self.blows if b.kind == "restart")),
            ("Commands answered", f"{len(self.load['answers'])}; between {self.spans()} of {len(self.blows) - 1} pairs of blows; longest pause {self.gap():.1f} s"),
            ("Accepted places = events = rows in reporting", f"{counted['places']} = {counted['selected events']} = {counted['reporting rows']}"),
            ("Classes opened", str(counted["opened events"])),
            ("Messages at the sink", f"{counted['messages']}, none twice without a recorded doubt ({counted['doubted']} doubts)"),
            ("Lost, doubled, parked", "none"),
            ("Left behind", "no container, volume, network or image of the check"),
        ]  # fmt: skip

    def back(self, kind: str) -> list[float]:
        """How long each container took after a blow of this kind, in seconds."""
        return [b.back for b in self.blows if b.kind == kind]


TOP = """# The check of the containers

Written by `make compose-check`, which is not part of `.ci/run`: it builds the image, brings the stack up with two of each service, plays the
demonstration's story through the gateway, kills containers and restarts all of them one by one while commands come in, compares what was
accepted with every database, every topic and every mailbox, and takes everything down. What it does not show: more than one machine.
"""
