"""The second programme year: one city's own, with its own levels, formulas and tables, from roster to completion.

Who is banned from the province's training in person is refused there, and taken by a national project.
"""

from datetime import date, datetime
from typing import Any, Final

from deploy.demo import roster
from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.stage import NO_SHOW, XLSX, Stage, at, post_policy, put_contacts
from deploy.demo.stage import STAFF as EARLIER_STAFF
from deploy.demo.words import names, zh

YEAR: Final = "zhengzhou-2022"
PROJECT, COHORT = "rural-backbone", "rural-backbone-teacher"
PROVINCIAL: Final = "senior-it-teacher"
PATH: Final = f"/enrolment/programmes/{YEAR}"
COUNTIES: Final = [f"4101{n}" for n in ("02", "03", "04", "05", "06", "08", "22", "82", "84", "85", "71", "72", "73")]
PEOPLE, PLACES, AWAY = 12, 30, 5
STAFF: Final = [EARLIER_STAFF[0], {"role": "class_teacher", "name": zh("people.class_teacher"), "phone": "13900088003"}]
FIRST_DAY, LAST_DAY = date(2022, 9, 5), date(2022, 9, 14)
SCORE: Final = "88"

COUNTS: Final = {"quota": 41, "selected": 13, "registered": 12, "expected": 13, "checked_in": 12, "completed": 12}
RATES: Final = {"sending": "31.71", "completion-units": "92.31", "selection-quality": "100.00"}
OF_INSTITUTION: Final = {"checkin": "92.31", "completion-institutions": "100.00"}
TABLE: Final = f"/reporting/league/{YEAR}/{PROJECT}.json"


def then(month: int, day: int, hour: int = 9) -> datetime:
    """A civil time of the year."""
    return at(month, day, hour, year=FIRST_DAY.year)


async def publish(stage: Stage) -> None:
    """The city publishes; its county gives places of two projects to the school."""
    await stage.stepper.to(then(8, 25))
    await put_contacts(stage, COUNTIES, first=100, phones=False)
    city = await stage.as_("city")
    await post_policy(city, YEAR)
    await city.post("/enrolment/commissions", {"programme": YEAR, "project": PROJECT, "institutions": ["inst-001"]})
    county = await stage.as_("county")
    for cohort, places in ((COHORT, PLACES), (PROVINCIAL, 1)):
        body = {"from": "410183", "to": [{"unit": roster.SCHOOL, "places": places}]}
        await county.post(f"{PATH}/cohorts/{cohort}/quota", body)


async def select(stage: Stage) -> None:
    """A roster of 12; the banned teacher fits both projects, and only the national one takes them."""
    await stage.stepper.to(then(8, 26))
    county = await stage.as_("county")
    newcomers = roster.teachers(PEOPLE, seed=100, first=100)
    stage.strangers += newcomers
    job = await county.upload(
        f"{PATH}/cohorts/{COHORT}/imports", zh("roster.file"), roster.workbook(newcomers, bad=False), XLSX
    )
    stage.found["zhengzhou_import"] = job["job_id"]
    await stage.stepper.settle()
    banned = stage.places[NO_SHOW]["person_id"]
    await county.post(f"{PATH}/credentials", {"people": [{"person_id": banned, "stages": ["senior_secondary"]}]})
    asked = {"person_ids": [banned]}
    refused = (await county.post(f"{PATH}/cohorts/{PROVINCIAL}/selections", asked))["refused"]
    stage.found["refused"] = [r["code"] for r in refused]
    await county.post(f"{PATH}/cohorts/{COHORT}/selections", asked)
    stage.found["zhengzhou"] = (await county.get("/enrolment/places", programme=YEAR))["places"]


async def train(stage: Stage) -> None:
    """A class of all of them: registered by their school but one, opened, signed in, completed; one is excused; the province scores."""
    ids = [p["place_id"] for p in stage.found["zhengzhou"]]
    came = [p for i, p in enumerate(ids) if i != AWAY]
    await (await stage.as_("school")).post("/enrolment/registrations", {"place_ids": came})
    await stage.stepper.to(then(8, 27))
    institution = await stage.as_("institution")
    made = await institution.post("/enrolment/classes", {
        "programme": YEAR, "cohort": COHORT, "name": names("zhengzhou.name"), "period": 1, "theme": zh("class.theme"),
        "address": zh("class.address"), "starts_on": FIRST_DAY.isoformat(), "ends_on": LAST_DAY.isoformat()})  # fmt: skip
    own = f"/enrolment/classes/{made['class_id']}"
    await institution.post(f"{own}/places", {"place_ids": ids})
    await institution.post(f"{own}/staff", {"staff": STAFF})
    await institution.post(f"{own}/open")
    await stage.stepper.to(then(9, 5, 10))
    await institution.post(f"{own}/signed-list", {"place_ids": came, "reason": zh("zhengzhou.signed")})
    excuse = {"reason": "illness", "evidence": ["medical_certificate"]}
    await (await stage.as_("county")).post(f"/enrolment/places/{ids[AWAY]}/excuse", excuse)
    await stage.stepper.to(then(9, 6, 19))
    await institution.post(f"{own}/checkin-closing", {"held": True})
    await stage.stepper.to(then(9, 15))
    await institution.post(f"{own}/completion", {"place_ids": came})
    await (await stage.as_("province")).post("/enrolment/inspections", {
        "programme": YEAR, "project": PROJECT, "institution": "inst-001", "score": SCORE, "max": "100",
        "inspected_on": LAST_DAY.isoformat()})  # fmt: skip
    await stage.stepper.settle()


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """The county's and the institution's row by the year's own formulas; where the banned teacher was taken."""
    city = await stage.as_("city")
    county = await row(city, "county", "410183")
    institution = await row(city, "institution", "inst-001")
    counts, rates = {n: county["counts"][n] for n in COUNTS}, {n: county["rates"][n]["percent"] for n in RATES}
    ledger.add("zhengzhou.county", {**COUNTS, **RATES}, {**counts, **rates}, TABLE)
    shown = {n: institution["rates"][n]["percent"] for n in OF_INSTITUTION}
    score = {"inspection": institution["rates"]["inspection"]["score"]}
    ledger.add("zhengzhou.institution", {**OF_INSTITUTION, "inspection": f"{SCORE}.00"}, {**shown, **score}, TABLE)
    banned = stage.places[NO_SHOW]["person_id"]
    held = await (await stage.as_("county")).get("/enrolment/places", programme=YEAR, person_id=banned)
    ledger.add("zhengzhou.held_by_banned", [COHORT], [p["cohort"] for p in held["places"]], "/enrolment/places")
    ledger.add("zhengzhou.refused", ["banned"], stage.found["refused"], f"{NOTED}answer of a selection of {PROVINCIAL}")


async def row(api: Any, level: str, code: str) -> Any:
    """One row of the project's table."""
    body = await api.get(TABLE, level=level)
    return next(r for r in body["rows"] if r["code"] == code)
