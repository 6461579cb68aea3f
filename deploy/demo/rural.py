"""The story's class of the first year, from publication to completion.

Each chapter acts as the officers would and leaves what later chapters need on the stage.
"""

from datetime import date
from typing import Final

from deploy.demo import accounts, roster
from deploy.demo.stage import (
    COHORT,
    DISMISSED,
    EXCUSED,
    NO_SHOW,
    PROJECT,
    STAFF,
    XLSX,
    YEAR,
    Stage,
    at,
    each,
    hand_in_notice,
    introduce,
    post_policy,
)
from deploy.demo.words import names, zh

FIRST_DAY: Final = date(2021, 8, 23)
MOVED_TO: Final = date(2021, 8, 26)


async def publish(stage: Stage, policy: str | None = None) -> None:
    """Units and their contacts, then the programme year (``policy`` is another text for it)."""
    await introduce(stage)
    province = await stage.as_("province")
    await post_policy(province, YEAR, policy)
    await province.post("/enrolment/commissions", {"programme": YEAR, "project": PROJECT, "institutions": ["inst-001"]})


async def pass_quota_down(stage: Stage, key: str = YEAR, cohort: str = COHORT, places: int = 20) -> None:
    """City to county, county to school."""
    for account, source, target in (("city", "410100", "410183"), ("county", "410183", roster.SCHOOL)):
        body = {"from": source, "to": [{"unit": target, "places": places}]}
        await (await stage.as_(account)).post(f"/enrolment/programmes/{key}/cohorts/{cohort}/quota", body)


async def import_roster(stage: Stage) -> None:
    """24 rows, 3 of them bad; 20 are selected, the 21st is refused by quota."""
    await stage.stepper.to(at(7, 20))
    county = await stage.as_("county")
    job = await county.upload(f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/imports", zh("roster.file"),
                              roster.workbook(stage.people), XLSX)  # fmt: skip
    await stage.stepper.settle()
    stage.found["import"] = await county.get(f"/enrolment/imports/{job['job_id']}")
    stage.places = (await county.get("/enrolment/places", programme=YEAR))["places"]
    accounts.write(stage.accounts_file, stage.places, stage.officers)


async def register(stage: Stage) -> None:
    """Every teacher but one registers."""
    await stage.stepper.to(at(7, 25))

    async def one(index: int) -> None:
        await (await stage.teacher(index)).post(f"/enrolment/places/{stage.places[index]['place_id']}/registration")

    await each([i for i in range(len(stage.places)) if i != NO_SHOW], one)


async def open_class(stage: Stage) -> None:
    """The institution schedules, names its staff, hands in the notice in time and opens the class."""
    await stage.stepper.to(at(8, 2))
    institution = await stage.as_("institution")
    made = await institution.post("/enrolment/classes", {
        "programme": YEAR, "cohort": COHORT, "name": names("class.name"), "period": 1,
        "theme": zh("class.theme"), "address": zh("class.address"), "starts_on": FIRST_DAY.isoformat(), "ends_on": "2021-09-06"})  # fmt: skip
    stage.class_id = made["class_id"]
    own = f"/enrolment/classes/{stage.class_id}"
    await institution.post(f"{own}/places", {"place_ids": [p["place_id"] for p in stage.places]})
    await institution.post(f"{own}/staff", {"staff": STAFF})
    await stage.stepper.to(at(8, 5))
    await hand_in_notice(institution, stage.class_id)
    await stage.stepper.to(at(8, 6))
    await institution.post(f"{own}/open")


async def move_class(stage: Stage) -> None:
    """After the first reminder the class moves by three days."""
    await stage.stepper.to(at(8, 17, 10))
    institution = await stage.as_("institution")
    await institution.post(f"/enrolment/classes/{stage.class_id}/move", {
        "starts_on": MOVED_TO.isoformat(), "ends_on": "2021-09-09", "cause": "institution"})  # fmt: skip


async def check_in(stage: Stage) -> None:
    """18 show their code; one is excused, one does not come; check-in is closed."""
    await stage.stepper.to(at(8, 26, 10))
    institution = await stage.as_("institution")

    async def one(index: int) -> None:
        code = await (await stage.teacher(index)).get(
            f"/enrolment/places/{stage.places[index]['place_id']}/checkin-code"
        )
        await institution.post(f"/enrolment/classes/{stage.class_id}/checkins", {"code": code["token"]})

    await each([i for i in range(len(stage.places)) if i not in {NO_SHOW, EXCUSED}], one)
    city = await stage.as_("city")
    await city.post(f"/enrolment/places/{stage.places[EXCUSED]['place_id']}/excuse",
                    {"reason": "illness", "evidence": ["medical_certificate"]})  # fmt: skip
    await stage.stepper.to(at(8, 27, 18, 30))
    await institution.post(f"/enrolment/classes/{stage.class_id}/checkin-closing", {"held": True})


async def dismiss_and_complete(stage: Stage) -> None:
    """One is asked to leave, 17 complete."""
    await stage.stepper.to(at(9, 1))
    institution = await stage.as_("institution")
    await institution.post(f"/enrolment/places/{stage.places[DISMISSED]['place_id']}/dismissal",
                           {"statement": zh("class.statement")})  # fmt: skip
    await stage.stepper.to(at(9, 10))
    came = [p["place_id"] for i, p in enumerate(stage.places) if i not in {NO_SHOW, EXCUSED, DISMISSED}]
    await institution.post(f"/enrolment/classes/{stage.class_id}/completion", {"place_ids": came})
