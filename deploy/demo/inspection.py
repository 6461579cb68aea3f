"""An inspection's score, the bulletin that was frozen with it, its correction, and the bulletin that replaces the first."""

import json
from hashlib import sha256
from typing import Any, Final

from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.stage import PROJECT, START, YEAR, Stage, at
from deploy.demo.words import zh

FIRST, CORRECTED = "86.25", "91.75"
BULLETIN: Final = "/reporting/bulletins/{id}.json"
FORM: Final = {"max": "100", "inspected_on": "2021-09-06"}


async def inspect(stage: Stage) -> None:
    """The expert group scores the institution's work."""
    await stage.stepper.to(at(9, 29))
    form = {"programme": YEAR, "project": PROJECT, "institution": "inst-001", "score": FIRST, **FORM}
    stage.found["inspection"] = (await (await stage.as_("inspector")).post("/enrolment/inspections", form))[
        "inspection_id"
    ]


async def freeze_and_restate(stage: Stage) -> None:
    """The province freezes the year; a score turns out to be wrong, and a second bulletin says why it replaces the first."""
    await stage.stepper.to(at(1, 10, year=START.year + 1))
    province = await stage.as_("province")
    first = await province.post("/reporting/bulletins", {"policy": YEAR})
    await stage.stepper.to(at(1, 12, year=START.year + 1))
    correction = {"score": CORRECTED, "reason": zh("inspection.reason"), **FORM}
    path = f"/enrolment/inspections/{stage.found['inspection']}/corrections"
    await (await stage.as_("inspector")).post(path, correction)
    await stage.stepper.settle()
    order = {"policy": YEAR, "restates": first["bulletin_id"], "reason": zh("inspection.restated")}
    second = await province.post("/reporting/bulletins", order)
    stage.found["bulletins"] = [first["bulletin_id"], second["bulletin_id"]]
    stage.found["seals"] = [first["sha256"], second["sha256"]]


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """The corrected score stands in the table beside its history; the first bulletin keeps the first score, seal and all."""
    province = await stage.as_("province")
    path = f"/reporting/league/{YEAR}/{PROJECT}.json"
    rows = (await province.get(path, level="institution"))["rows"]
    ledger.add("inspection.score", CORRECTED, score_of(rows), path)
    path = f"/enrolment/inspections/{stage.found['inspection']}"
    scores = [s["score"] for s in (await province.get(path))["scores"]]
    ledger.add("inspection.history", [FIRST, CORRECTED], sorted(scores), path)
    known = (await province.get("/reporting/bulletins.json"))["bulletins"]
    first, second = stage.found["bulletins"]
    wanted = {first: None, second: zh("inspection.restated")}
    ledger.add("bulletin.reasons", wanted, {b["bulletin_id"]: b["reason"] for b in known}, "/reporting/bulletins.json")
    texts = [await province.content(f"/reporting/bulletins/{b}.json") for b in (first, second)]
    frozen = [score_of(rows_of(json.loads(text))) for text in texts]
    ledger.add("bulletin.frozen", [FIRST, CORRECTED], frozen, f"{NOTED}which came first; {BULLETIN}")
    digests = [sha256(text).hexdigest() for text in texts]
    ledger.add("bulletin.sealed", stage.found["seals"], digests, f"{NOTED}the seal at freezing; {BULLETIN}")


def rows_of(bulletin: Any) -> Any:
    """The institutions' rows of a bulletin."""
    return next(sheet["rows"] for sheet in bulletin["sheets"] if sheet["level"] == "institution")


def score_of(rows: Any) -> Any:
    """The story's institution's score."""
    return next(row["rates"]["inspection"]["score"] for row in rows if row["code"] == "inst-001")
