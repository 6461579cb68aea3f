"""What must be true of the second strand when all is over, as quota, imports, ledger, places, record and tables say."""

from collections import Counter, defaultdict
from typing import Any, Final

from deploy.demo.client import Api
from deploy.demo.kaifeng import CITY, COHORT, COUNTY, PATH, PROJECT
from deploy.demo.kaifeng_classes import DAYS
from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.stage import YEAR, Stage
from deploy.demo.words import names

OVER: Final = {"given": 9, "places": 8, "over": 1, "selected": 0}
BELOW: Final = {"places": 4, "selected": 5}
QUOTA: Final = {"Weishi": (8, 0), names("kaifeng.school1")["en"]: (5, 5), names("kaifeng.school2")["en"]: (3, 3)}
COUNTED: Final = ("rows", "selected", "already", "refused", "errors")
COUNTS: Final = [(11, 7, 0, 1, 3), (9, 1, 7, 1, 0)]  # as it came, and corrected
FAULTS: Final = [(8, "id-checksum"), (9, "id-twice"), (10, "person-elsewhere"), (14, "quota-used-up")]
HANDED: Final = {"accepted", "delivered", "failed", "merged"}  # it went out, or in one with another
FIRST, SECOND, LAST = (day.isoformat() for day in DAYS)
OPENED, CHANGED = "class-opened", "class-changed"
TOLD_BEFORE: Final = [(OPENED, None, FIRST), (CHANGED, FIRST, SECOND), (CHANGED, SECOND, LAST)]
TOLD_SINCE: Final = [(OPENED, None, LAST)]
FATES: Final = {"completed": 6, "not_completed": 1, "no_show": 1, "replaced": 1}
MISSING: Final = {"no_show": ["notice_delivered"], "not_completed": []}
TABLE: Final = f"/reporting/league/{YEAR}/{PROJECT}.json"
FIGURES: Final = {"quota": 8, "selected": 8, "registered": 5, "expected": 8, "checked_in": 7, "completed": 6}
LEDGER: Final = "/notify/ledger.json"


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """Each claim, read by whoever may."""
    province, county = await stage.as_("province"), await stage.as_("county-weishi")
    refused = [stage.found["kaifeng_over"], stage.found["kaifeng_below"]]
    ledger.add("kaifeng.refused", [OVER, BELOW], refused, f"{NOTED}answers of passing quota down")
    cells = await county.get(f"{PATH}/quota", unit=COUNTY)
    ledger.add("kaifeng.quota", QUOTA, {c["unit"]["en"]: (c["places"], c["selected"]) for c in cells}, f"{PATH}/quota")
    jobs = [await county.get(f"/enrolment/imports/{job}") for job in stage.found["kaifeng_jobs"]]
    counts = [tuple(job[n] for n in COUNTED) for job in jobs]
    ledger.add("kaifeng.roster", COUNTS, counts, "/enrolment/imports/{id} of both files")
    found = stage.found["kaifeng_faults"]
    ledger.add("kaifeng.faults", FAULTS, found, f"{NOTED}answer of the first import, whose rows are not kept")
    moving, cancelled = stage.found["kaifeng_classes"]
    ledger.add("kaifeng.moves", expected(stage), told(await lines(province, moving)), f"{LEDGER}?class={moving}")
    end = withdrawn(await lines(province, cancelled))
    source = f"{LEDGER}?class={cancelled}"
    ledger.add("kaifeng.cancelled", {"not_told": [], "told": 2, "since": [], "planned": []}, end, source)
    places = (await county.get("/enrolment/places", programme=YEAR, cohort=COHORT))["places"]
    ledger.add("kaifeng.fates", FATES, dict(Counter(fate(p) for p in places)), "/enrolment/places")
    ledger.add("kaifeng.by_hand", "by_hand", stage.found["kaifeng_method"], f"{NOTED}answer of the check-in")
    entries = [e for e in (await province.get("/blacklist/entries"))["entries"] if e["class_id"] == moving]
    missing = {e["cause"]: [x["kind"] for x in e["evidence"] if not x["present"]] for e in entries}
    ledger.add("kaifeng.evidence", MISSING, missing, "/blacklist/entries")
    answer = stage.found["kaifeng_unproven"]
    ledger.add("kaifeng.unproven", "evidence-missing", answer, f"{NOTED}answer of the attempt to confirm")
    row = next(r for r in (await province.get(TABLE, level="city"))["rows"] if r["code"] == CITY)
    ledger.add("kaifeng.figures", FIGURES, {n: row["counts"][n] for n in FIGURES}, TABLE)


async def lines(api: Api, class_id: str) -> list[Any]:
    """The ledger's lines of a class that went to persons on a channel that they read, in their order."""
    found = (await api.get(LEDGER, **{"class": class_id}))["messages"]
    return [m for m in found if m["recipient_kind"] == "person" and m["channel"] != "call_list"]


Heard = dict[str, list[Any]]  # by person and channel: each message's kind, the day before, the day that it tells


def told(messages: list[Any]) -> Heard:
    """What each person heard of the class's days on each channel."""
    heard: Heard = defaultdict(list)
    for m in messages:
        if m["kind"] in {OPENED, CHANGED} and m["state"] in HANDED:
            heard[f"{m['recipient_id']} {m['channel']}"].append((m["kind"], m["previous"], m["announced"]))
    return dict(heard)


def expected(stage: Stage) -> Heard:
    """One notice and one correction for each move for those of the first day, the last day alone for who joined since."""
    people = [p["person_id"] for p in stage.found["kaifeng"]]
    since = [*people[-2:], stage.found["kaifeng_reserve"]]
    heard = dict.fromkeys(people[:-2], TOLD_BEFORE) | dict.fromkeys(since, TOLD_SINCE)
    return {f"{person} {channel}": days for person, days in heard.items() for channel in ("email", "sms")}


def withdrawn(messages: list[Any]) -> dict[str, Any]:
    """Of a class that was called off: who was not told of it, how many were, what they heard since, what is still planned."""
    handed = [m for m in messages if m["state"] in HANDED]
    opened, off = ({m["recipient_id"] for m in handed if m["kind"] == kind} for kind in (OPENED, CHANGED))
    last = max((m["settled_at"] for m in handed if m["kind"] == CHANGED), default="")
    return {
        "not_told": sorted(opened - off),
        "told": len(off),
        "since": sorted(m["message_id"] for m in handed if m["kind"] != CHANGED and m["settled_at"] > last),
        "planned": [m["message_id"] for m in messages if m["state"] == "planned"],
    }


def fate(place: Any) -> str:
    """What became of somebody's place."""
    if place["replaced_by"]:
        return "replaced"
    return place["dropout_cause"] or ("completed" if place["completed_at"] else "open")
