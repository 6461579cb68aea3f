"""Plays the story in a running stack, prints what came of it, and leaves ``demo.json`` behind."""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.demo.checks import COUNTS, RATES, examine
from deploy.demo.client import Refused
from deploy.demo.crowd import Crowd
from deploy.demo.ledger import Ledger, Sources
from deploy.demo.spoils import SPOILS
from deploy.demo.stage import SHANGHAI, Stage
from deploy.demo.story import CHAPTERS, play
from deploy.demo.words import both
from shared.client import client
from shared.stepper import Stepper, Stuck

PATIENCE: Final = 60.0  # s until nothing is under way any more
PATIENCE_WITH_CROWD: Final = 300.0


@dataclass(frozen=True)
class Place:
    """Where the story is played: addresses of a running stack and where to write the account."""

    gateway: str
    services: dict[str, str]
    sink: str
    service_token: str
    accounts: Path
    databases: dict[str, str]
    kafka: str
    topic_prefix: str
    report: Path


def stepper_of(place: Place, http: httpx.AsyncClient, patience: float = PATIENCE) -> Stepper:
    """The stepper over a place's services, waiting for the sink's receipts too; ``patience`` in seconds."""
    watch = [f"{place.sink}/pending"]
    return Stepper(http, list(place.services.values()), place.service_token, watch=watch, patience=patience)


async def main(place: Place, broken: str | None = None, *, crowd: bool = False) -> int:
    """Play, check, print; gives the exit code: 0 only if every check holds. ``broken`` is a key of ``SPOILS``."""
    async with client(60) as http:
        stepper = stepper_of(place, http, PATIENCE_WITH_CROWD if crowd else PATIENCE)
        stage = Stage(http, place.gateway, stepper, place.accounts)
        chapters = Crowd().chapters() if crowd else CHAPTERS
        started = time.monotonic()
        try:
            await play(stage, chapters, Teller(started, len(chapters)))
            return await conclude(stage, place, started, broken)
        except (Refused, Stuck, httpx.HTTPError) as error:
            print(f"{both('told.not_ended')} {place.accounts.parent / 'logs'}: {error!r}")
            return 1


async def conclude(stage: Stage, place: Place, started: float, broken: str | None) -> int:
    """Spoil the fact behind ``broken``, read what came of the story, write it down and print it; gives the exit code."""
    sources = sources_of(place)
    if broken is not None:
        await SPOILS[broken](stage, sources)
    ledger = await examine(stage, sources)
    seconds = round(time.monotonic() - started, 1)
    ledger.write(place.report, seconds=seconds, gateway=place.gateway, found=stage.found, broken=broken)
    show(stage, ledger, seconds)
    return 0 if ledger.holds else 1


def sources_of(place: Place) -> Sources:
    """Where the checks look in a running stack."""
    return Sources(place.databases, place.kafka, place.topic_prefix, place.sink, place.accounts.parent / "logs")


class Teller:
    """One progress line for each chapter: how far, the simulated date, the title."""

    def __init__(self, started: float, chapters: int) -> None:
        self._started = started
        self._chapters = chapters
        self._told = 0

    def __call__(self, title: str, now: datetime) -> None:
        """Tell that a chapter is over."""
        self._told += 1
        spent = time.monotonic() - self._started
        print(
            f"[{self._told:2}/{self._chapters}] {spent:5.1f}s  {now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}  {title}",
            flush=True,
        )


def show(stage: Stage, ledger: Ledger, seconds: float) -> None:
    """The league table, the bans, the message counts and every check that does not hold."""
    print(f"\n{both('told.league')}   ({both('told.synthetic')})")
    print(table(stage.found["league"]))
    print(f"\n{both('told.bans')}")
    for entry in stage.found["entries"]:
        until = ", ".join(f"[{r['starts_on']}, {r['ends_before']})" for r in entry["ranges"])
        print(f"  {entry['cause']:<12} {entry['state']:<10} {until}")
    late = stage.found["overdue"]
    print(f"\n{both('told.overdue', units=len(late), places=sum(places for _, _, places, *_ in late))}")
    sent = "  ".join(f"{k} {v}" for k, v in sorted(stage.found["messages"].items()))
    print(f"\n{both('told.messages')}   {sent}")
    for check in ledger.checks:
        if not check.holds:
            wanted, got = f"{both('told.expected')} {check.expected!r}", f"{both('told.found')} {check.actual!r}"
            print(f"  ✗ {check.name}: {wanted}, {got}  ({check.source})")
    held = sum(c.holds for c in ledger.checks)
    print(f"\n{both('told.checks')}: {held} of {len(ledger.checks)} hold, {seconds} s" + os.linesep)


def table(league: dict[str, Any]) -> str:
    """The ranked rows as text."""
    head = ["unit", *COUNTS, *RATES]
    body = [[r["names"]["en"], *[str(r["counts"][n]) for n in COUNTS], *[f"{r['rates'][k]['percent']}%" for k in RATES]]
            for r in league["rows"] if r["counts"]["quota"]]  # fmt: skip
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    return "\n".join("  " + "  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
                     for line in [head, *body])  # fmt: skip
