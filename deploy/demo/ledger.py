"""The demonstration's own account: what was expected, what was found, and where it was found."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

NOTED: Final = "noted by the story, for it is said once: "  # begins the source of what can't be read when all is over


@dataclass(frozen=True)
class Sources:
    """Where checks look, beside the stage: databases by service (as writer), Kafka, the sink, the processes' logs."""

    databases: dict[str, str]
    kafka: str
    topic_prefix: str
    sink: str
    logs: Path


@dataclass(frozen=True)
class Check:
    """One claim about the finished story."""

    name: str
    expected: Any
    actual: Any
    source: str

    @property
    def holds(self) -> bool:
        """Whether what was found is what was expected."""
        return bool(self.expected == self.actual)


@dataclass
class Ledger:
    """All checks of one run."""

    checks: list[Check] = field(default_factory=list)

    def add(self, name: str, expected: Any, actual: Any, source: str) -> None:
        """Note one check."""
        self.checks.append(Check(name, expected, actual, source))

    @property
    def holds(self) -> bool:
        """Whether every check holds (and there is one)."""
        return bool(self.checks) and all(c.holds for c in self.checks)

    def write(self, path: Path, **more: Any) -> None:
        """Write the account as JSON."""
        body = {**more, "holds": self.holds, "checks": [{**asdict(c), "holds": c.holds} for c in self.checks]}
        path.write_text(json.dumps(body, ensure_ascii=False, indent=1, default=str) + "\n")
