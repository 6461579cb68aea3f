"""What the terminal shows of the findings, and the file with every figure."""

import json
import os
import platform
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import ROUNDS, Aside, Comparison, Findings, Spread
from deploy.local.paths import STATE
from shared.texts import LANGUAGES, Texts

FILE = STATE / "bench.json"
TEXTS = Texts(Path(__file__).with_name("texts.yaml"))
LARGE = 100
WIDE = {"W", "F"}


def say(key: str, **details: object) -> str:
    """A sentence in both languages."""
    return " / ".join(TEXTS.get(lang, key, **details) for lang in LANGUAGES)


def number(figure: float) -> str:
    """Enough digits to compare, no more."""
    return f"{figure:,.0f}" if figure >= LARGE else f"{figure:.3g}"


def spread(found: Spread) -> str:
    if found.least == found.most:
        return number(found.median)
    return f"{number(found.median)} [{number(found.least)}..{number(found.most)}]"


def comparison_row(c: Comparison) -> list[str]:
    goal = "" if c.goal is None else f"{'≤' if c.at_most else '≥'} {c.goal:g}"
    met = "" if c.met is None else say("met" if c.met else "missed")
    return [
        say(f"cases.{c.name}"),
        c.unit,
        spread(Spread.of(c.ours)),
        spread(Spread.of(c.bare)),
        spread(c.ratio),
        goal,
        met,
    ]


def aside_row(a: Aside) -> list[str]:
    label = say(f"asides.{a.name}")
    return [f"{label}: {a.subject}" if a.subject else label, a.unit, spread(Spread.of(a.figures))]


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in WIDE else 1 for c in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(width(line[i]) for line in [head, *rows]) for i in range(len(head))]
    lines = [
        "  ".join(t + " " * (w - width(t)) for t, w in zip(line, widths, strict=True)).rstrip()
        for line in [head, *rows]
    ]
    return "\n".join([lines[0], "-" * width(lines[0]), *lines[1:]])


def show(findings: Mapping[str, Findings], machine: Mapping[str, Any]) -> None:
    """The table of comparisons, then the figures that stand alone."""
    comparisons = [comparison_row(c) for f in findings.values() for c in f.comparisons]
    asides = [aside_row(a) for f in findings.values() for a in f.asides]
    columns = [say(f"columns.{c}") for c in ("ours", "bare", "ratio", "goal")]
    print(f"\n{say('title')}\n{say('machine', **machine)}\n{say('load', **machine)}\n")
    if comparisons:
        print(table(["", "", *columns, ""], comparisons), end="\n\n")
    if asides:
        print(table(["", "", say("columns.figure")], asides), end="\n\n")
    print(say("kept", file=FILE))


def keep(findings: Mapping[str, Findings], machine: Mapping[str, Any], failures: Mapping[str, str]) -> None:
    """Write every figure of every round."""
    FILE.parent.mkdir(exist_ok=True)
    suites = {name: {"comparisons": [_comparison(c) for c in f.comparisons], "asides": [asdict(a) for a in f.asides]}
              for name, f in findings.items()}  # fmt: skip
    said = {"at": datetime.now(UTC).isoformat(), "machine": dict(machine), "suites": suites, "failures": dict(failures)}
    FILE.write_text(json.dumps(said, indent=1, ensure_ascii=False))


def _comparison(c: Comparison) -> dict[str, Any]:
    return {**asdict(c), "ratios": c.ratios, "ratio": asdict(c.ratio), "met": c.met}


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def machine(postgres: str, before: str) -> dict[str, Any]:
    """Where the figures come from."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), "postgres": postgres, "rounds": ROUNDS,
            "before": before, "after": load()}  # fmt: skip
