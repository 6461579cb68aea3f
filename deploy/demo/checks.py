"""What must be true when the story is over: each claim with the place where its actual value was read.

All is read when the story is over, so that a fact spoilt before (``spoils``) is found.
"""

import collections
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from deploy.demo import bans, inspection, kaifeng_checks, overdue, pool, reminders, stranger, tables, zhengzhou
from deploy.demo.bans import NEXT_YEAR
from deploy.demo.kaifeng_classes import UNREACHED
from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.rural import FIRST_DAY, MOVED_TO
from deploy.demo.stage import NO_SHOW, PROJECT, YEAR, Stage
from deploy.demo.words import TEXTS

COUNTS: Final = {"quota": 20, "selected": 20, "registered": 19, "expected": 20, "checked_in": 18, "completed": 17}
TABLE: Final = f"/reporting/league/{YEAR}/{PROJECT}.json"
OLD_DAY, NEW_DAY = (TEXTS.date("zh", day) for day in (FIRST_DAY, MOVED_TO))
WRITER: Final = re.compile(r'"service": "(\w+)"')  # in each line of a process of ours
RATES: Final = {"registration-completion": "95.00", "checkin": "90.00", "selection-quality": "100.00"}


Part = Callable[[Stage, Sources, Ledger], Awaitable[None]]


async def examine(stage: Stage, sources: Sources) -> Ledger:
    """Read everything and compare."""
    ledger = Ledger()
    for part in PARTS:
        await part(stage, sources, ledger)
    return ledger


async def cities(stage: Stage) -> Any:
    """The table of the story's project."""
    return await (await stage.as_("province")).get(TABLE, level="city")


async def league(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """The counts and rates of Zhengzhou's row."""
    stage.found["league"] = body = await cities(stage)
    total = {n: sum(r["counts"][n] for r in body["rows"]) for n in COUNTS}
    ledger.add("league.total", {n: COUNTS[n] + stage.others[n] for n in COUNTS}, total, TABLE)
    row = next(r for r in body["rows"] if r["code"] == "410100")
    for name, expected in COUNTS.items():
        ledger.add(f"league.{name}", expected, row["counts"][name], TABLE)
    for name, printed in RATES.items():
        ledger.add(f"rate.{name}", printed, row["rates"][name]["percent"], TABLE)


async def logs(stage: Stage, sources: Sources, ledger: Ledger) -> None:
    """Nobody's name, ID number, phone or address in any line that a process wrote; and lines of each were read."""
    named = stranger.finder(stage.private | stage.reachable)
    lines = [(file.name, n, text) for file in sorted(sources.logs.glob("*.log"))
             for n, text in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1)]  # fmt: skip
    read = sorted({writer[1] for _, _, text in lines if (writer := WRITER.search(text))})
    found = [f"{name}:{n}" for name, n, text in lines if named(text)]
    expected = {"read": sorted([*sources.databases, "gateway", "sink"]), "leaks": []}
    ledger.add("logs.leaks", expected, {"read": read, "leaks": found}, f"{sources.logs}/*.log")


async def selection(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """Three bad rows, one refused by quota; next year's project refused the banned and took the other."""
    path = f"/enrolment/imports/{stage.found['import']['job_id']}"
    job = await (await stage.as_("county")).get(path)
    ledger.add("import.bad_rows", 3, job["errors"], path)
    ledger.add("import.refused_by_quota", 1, job["refused"], path)
    banned, other = (stage.places[i]["person_id"] for i in (NO_SHOW, 0))
    refused = {r["person_id"]: r["code"] for r in stage.found["next_year"]["refused"]}
    ledger.add("next_year.refused", {banned: "banned"}, refused, f"{NOTED}answer of a selection of {NEXT_YEAR}")
    held = await (await stage.as_("county")).get("/enrolment/places", programme=NEXT_YEAR)
    ledger.add("next_year.held", [other], [p["person_id"] for p in held["places"]], "/enrolment/places")


async def messages(stage: Stage, sources: Sources, ledger: Ledger) -> None:
    """What the receivers hold is what the ledger says, once each, and never about a void date after the move."""
    held = (await stage.http.get(f"{sources.sink}/messages.json")).raise_for_status().json()["messages"]
    province = await stage.as_("province")
    said = (await province.get("/notify/ledger.json"))["summary"]
    by_channel = collections.Counter(m["channel"] for m in held)
    stage.found["messages"] = dict(by_channel)
    for channel in ("email", "sms"):
        sent = max(said["accepted"][channel], 1)  # nothing sent and nothing received would be equal too
        ledger.add(f"messages.{channel}", sent, by_channel[channel], "the sink, against /notify/ledger.json")
    unreached = stage.found["kaifeng"][UNREACHED]["person_id"]
    theirs = (await province.get("/notify/ledger.json", person=unreached))["summary"]["states"]["failed"]
    ledger.add(
        "messages.failed", theirs, said["states"].get("failed", 0), "/notify/ledger.json, of one phone and of all"
    )
    copies = collections.Counter(m["message_id"] for m in held)
    ledger.add("messages.twice", [], [m for m, n in copies.items() if n > 1], "the sink")
    ledger.add("messages.void_date", [], void_dates(held), "the sink, in the order of arrival")
    metrics = (await stage.http.get(f"{stage.gateway}/notify/metrics")).raise_for_status().text
    drift = [float(line.split()[-1]) for line in metrics.splitlines() if line.startswith("shipei_drift_found")]
    ledger.add("messages.drift", [0.0], drift, "/notify/metrics, sum of all nightly sweeps")


def void_dates(held: list[dict[str, Any]]) -> list[str]:
    """Ids of messages that name the class's first day as it was before the move, after somebody was told the new one.

    A correction names both.
    """
    told = sorted(held, key=lambda m: int(m["n"]))
    moved = next((i for i, m in enumerate(told) if OLD_DAY in m["text"] and NEW_DAY in m["text"]), None)
    if moved is None:
        return ["no correction went out"]
    return [m["message_id"] for m in told[moved:] if OLD_DAY in m["text"] and NEW_DAY not in m["text"]]


async def documents(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """The check-in notice was in time for the moved class."""
    body = await (await stage.as_("institution")).get(f"/enrolment/classes/{stage.class_id}")
    notice = next(d for d in body["documents"] if d["document"] == "checkin-notice")
    ledger.add("documents.on_time", expected=True, actual=notice["on_time"], source="/enrolment/classes/{id}")


PARTS: Final[tuple[Part, ...]] = (
    league,
    tables.recomputed,
    selection,
    bans.check,
    pool.check,
    inspection.check,
    zhengzhou.check,
    overdue.check,
    kaifeng_checks.check,
    reminders.check,
    messages,
    documents,
    logs,
)
