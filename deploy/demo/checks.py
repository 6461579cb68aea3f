"""What must be true when the story is over: each claim with the place where its actual value was read.

``BREAK=<check>`` spoils the fact behind one claim before it is read, to show that the check can fail.
"""

import collections
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from deploy.demo import stranger
from deploy.demo.ledger import Ledger
from deploy.demo.story import COHORT, NO_SHOW, PROJECT, YEAR, Stage

COUNTS: Final = {"quota": 20, "selected": 20, "registered": 19, "expected": 20, "checked_in": 18, "completed": 17}
RATES: Final = {"registration-completion": "95.00", "checkin": "90.00", "selection-quality": "100.00"}


@dataclass(frozen=True)
class Sources:
    """Where checks look, beside the stage: databases by service (as writer), Kafka, the sink."""

    databases: dict[str, str]
    kafka: str
    topic_prefix: str
    sink: str


async def examine(stage: Stage, sources: Sources) -> Ledger:
    """Read everything and compare."""
    ledger = Ledger()
    await league(stage, ledger)
    await recomputed(stage, sources, ledger)
    selection(stage, ledger)
    bans(stage, ledger)
    await messages(stage, sources, ledger)
    await documents(stage, ledger)
    return ledger


async def league(stage: Stage, ledger: Ledger) -> None:
    """The counts and rates of Zhengzhou's row."""
    path = f"/reporting/league/{YEAR}/{PROJECT}.json"
    body = await (await stage.as_("province")).get(path, level="city")
    stage.found["league"] = body
    row = next(r for r in body["rows"] if r["code"] == "410100")
    for name, expected in COUNTS.items():
        ledger.add(f"league.{name}", expected, row["counts"][name], path)
    for name, printed in RATES.items():
        ledger.add(f"rate.{name}", printed, row["rates"][name]["percent"], path)


async def recomputed(stage: Stage, sources: Sources, ledger: Ledger) -> None:
    """The same counts from the events alone; streams without gap; nobody's data in them."""
    private = "\n".join(word for t in stage.people for word in t.private)
    found = await stranger.main(sources.kafka, sources.topic_prefix, YEAR, PROJECT, private)
    stage.found["stranger"] = {k: v for k, v in found.items() if k != "table"}
    ledger.add("events.table", COUNTS, found["table"]["410100"], "all topics, read from the start")
    for name in ("gaps", "split", "leaks"):
        ledger.add(f"events.{name}", [], found[name], "all topics, read from the start")


def selection(stage: Stage, ledger: Ledger) -> None:
    """Three bad rows, one refused by quota, and next year's refusal."""
    job = stage.found["import"]
    ledger.add("import.bad_rows", 3, job["errors"], "/enrolment/imports/{id}")
    ledger.add("import.refused_by_quota", 1, job["refused"], "/enrolment/imports/{id}")
    refused = {r["person_id"]: r["code"] for r in stage.found["next_year"]["refused"]}
    expected = {stage.places[NO_SHOW]["person_id"]: "banned"}
    ledger.add("next_year.refused", expected, refused, "answer of the selection of henan-2022")


def bans(stage: Stage, ledger: Ledger) -> None:
    """Two bans, confirmed only after the reply window."""
    entries = stage.found["entries"]
    ledger.add("bans.confirmed", 2, sum(e["state"] == "confirmed" for e in entries), "/blacklist/entries")
    ledger.add("bans.causes", ["dismissed", "no_show"], sorted(e["cause"] for e in entries), "/blacklist/entries")
    ledger.add("bans.too_early", "reply-window-open", stage.found["early"], "answer of the first attempt to confirm")


async def messages(stage: Stage, sources: Sources, ledger: Ledger) -> None:
    """What the receivers hold is what the ledger says, once each, and never about a void date after the move."""
    held = (await stage.http.get(f"{sources.sink}/messages.json")).raise_for_status().json()["messages"]
    said = (await (await stage.as_("province")).get("/notify/ledger.json"))["summary"]
    by_channel = collections.Counter(m["channel"] for m in held)
    stage.found["messages"] = dict(by_channel)
    for channel in ("email", "sms"):
        ledger.add(
            f"messages.{channel}",
            said["accepted"][channel],
            by_channel[channel],
            "the sink, against /notify/ledger.json",
        )
    copies = collections.Counter(m["message_id"] for m in held)
    ledger.add("messages.twice", [], [m for m, n in copies.items() if n > 1], "the sink")


async def documents(stage: Stage, ledger: Ledger) -> None:
    """The check-in notice was in time for the moved class."""
    body = await (await stage.as_("institution")).get(f"/enrolment/classes/{stage.class_id}")
    notice = next(d for d in body["documents"] if d["document"] == "checkin-notice")
    ledger.add("documents.on_time", expected=True, actual=notice["on_time"], source="/enrolment/classes/{id}")


async def _sql(dsn: str, statement: str, *arguments: Any) -> None:
    con = await asyncpg.connect(dsn)
    try:
        done = await con.execute(statement, *arguments)
    finally:
        await con.close()
    if done.endswith(" 0"):
        raise ValueError(f"nothing was there to spoil: {statement}")


Spoil = Callable[[Stage, Sources], Awaitable[None]]


def _fact(column: str) -> Spoil:
    async def spoil(_: Stage, sources: Sources) -> None:
        statement = f"update place set {column} = null where place_id = (select min(place_id) from place where {column} is not null)"
        await _sql(sources.databases["reporting"], statement)

    return spoil


async def _league_quota(_: Stage, sources: Sources) -> None:
    await _sql(sources.databases["reporting"], "update cell set places = places + 1")


async def _message_lost(stage: Stage, sources: Sources) -> None:
    answer = await stage.http.post(f"{sources.sink}/forget", json={"count": 1})
    answer.raise_for_status()


async def _ban_lost(stage: Stage, _: Sources) -> None:
    stage.found["entries"] = stage.found["entries"][1:]


SPOILS: Final[dict[str, Spoil]] = {
    "league.quota": _league_quota,
    "league.registered": _fact("registered_at"),
    "league.completed": _fact("completed_at"),
    "messages.sms": _message_lost,
    "bans.confirmed": _ban_lost,
}

__all__ = ["COHORT", "SPOILS", "Sources", "examine"]
