"""Bans: two persons confirm them after the reply window, one is quashed on appeal, next year's selection refuses the other."""

from datetime import datetime
from typing import Any, Final

from deploy.demo import pool
from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.rural import pass_quota_down
from deploy.demo.stage import DISMISSED, NO_SHOW, START, YEAR, Stage, at, code_of, post_policy
from deploy.demo.words import zh

NEXT_YEAR: Final = "henan-2022"
PROPOSED, CONFIRMED, QUASHED = 1, 2, 5  # as notify numbers the turns of an entry


async def confirm_bans(stage: Stage) -> None:
    """Two persons confirm each proposal, after the reply window and not before."""
    first, second = await stage.as_("province"), await stage.as_("province-2")
    await stage.stepper.settle()
    entries = of_class(stage, (await first.get("/blacklist/entries"))["entries"])
    stage.found["early"] = await code_of(
        first.post(f"/blacklist/entries/{entries[0]['entry_id']}/confirmations", {"reason": zh("bans.early")})
    )
    await stage.stepper.to(at(9, 28))
    for entry in entries:
        path = f"/blacklist/entries/{entry['entry_id']}/confirmations"
        await first.post(path, {"reason": zh("bans.first")})
        await second.post(path, {"reason": zh("bans.second")})
    await stage.stepper.settle()


async def appeal(stage: Stage) -> None:
    """The one who was asked to leave appeals against the ban, and the province quashes it."""
    province = await stage.as_("province")
    entries = (await province.get("/blacklist/entries"))["entries"]
    stage.found["appealed"] = entry = next(e["entry_id"] for e in entries if e["cause"] == "dismissed")
    stage.found["fallen"] = await other_places(stage)
    await stage.stepper.to(at(10, 8))
    await (await stage.teacher(DISMISSED)).post(f"/blacklist/entries/{entry}/appeal", {"words": zh("bans.appeal")})
    await stage.stepper.to(at(10, 12))
    await province.post(f"/blacklist/entries/{entry}/quash", {"reason": zh("bans.quash")})
    await stage.stepper.to(at(10, 13))


def of_class(stage: Stage, entries: list[Any]) -> list[Any]:
    """Those of the story's class."""
    return [e for e in entries if e["class_id"] == stage.class_id]


async def other_places(stage: Stage) -> list[str]:
    """How the places stand that the one who was asked to leave has in the year's other project."""
    person = stage.places[DISMISSED]["person_id"]
    path = "/enrolment/places"
    held = await (await stage.as_("province")).get(path, programme=YEAR, cohort=pool.COHORT, person_id=person)
    return [place["status"] for place in held["places"]]


async def next_year(stage: Stage) -> None:
    """A small project of the next year refuses the banned teacher."""
    await stage.stepper.to(at(7, 5, year=START.year + 1))
    await post_policy(await stage.as_("province"), NEXT_YEAR)
    await pass_quota_down(stage, NEXT_YEAR, "rural-follow-up-teacher", 5)
    chosen = [stage.places[NO_SHOW]["person_id"], stage.places[0]["person_id"]]
    path = f"/enrolment/programmes/{NEXT_YEAR}/cohorts/rural-follow-up-teacher/selections"
    stage.found["next_year"] = await (await stage.as_("county")).post(path, {"person_ids": chosen})
    await stage.stepper.settle()


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """Two bans, confirmed only after the reply window; one is quashed, what it took is given back, the same people are told."""
    path = "/blacklist/entries"
    stage.found["entries"] = (await (await stage.as_("province")).get(path))["entries"]
    entries = of_class(stage, stage.found["entries"])
    confirmed = [e for e in entries if e["confirmed_at"]]
    early = [e["entry_id"] for e in confirmed if instant(e["confirmed_at"]) < instant(e["reply_until"])]
    states = {"dismissed": "quashed", "no_show": "confirmed"}
    ledger.add("bans.states", states, {e["cause"]: e["state"] for e in entries}, path)
    ledger.add("bans.confirmed", 2, len(confirmed), path)
    ledger.add("bans.early", [], early, path)
    ledger.add(
        "bans.too_early", "reply-window-open", stage.found["early"], f"{NOTED}answer of the first attempt to confirm"
    )
    given_back = stage.found["fallen"], await other_places(stage)
    ledger.add("appeal.given_back", (["revoked"], ["assigned"]), given_back, "/enrolment/places, before and after")
    person = stage.places[DISMISSED]["person_id"]
    told = await told_of(stage, person, stage.found["appealed"])
    before = told[PROPOSED] | told[CONFIRMED] | {person}  # at least the one whom it is about
    ledger.add("appeal.told", sorted(before), sorted(told[QUASHED]), "/notify/ledger.json")


async def told_of(stage: Stage, person: str, entry_id: str) -> dict[int, set[str]]:
    """Who got a message about a person's entry, by what it was about."""
    lines = (await (await stage.as_("province")).get("/notify/ledger.json", person=person))["messages"]
    sent = [m for m in lines if m["subject_id"] == entry_id and m["state"] in {"accepted", "delivered"}]
    return {turn: {m["recipient_id"] for m in sent if m["version"] == turn} for turn in (PROPOSED, CONFIRMED, QUASHED)}


def instant(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text)
