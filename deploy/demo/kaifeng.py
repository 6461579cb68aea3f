"""Another city's eight trainers, told beside the class of the story: their places, and a roster as a province gets it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from deploy.demo import accounts, messy, overdue, roster
from deploy.demo.accounts import account
from deploy.demo.client import Api, Refused
from deploy.demo.stage import YEAR, Stage, put_contacts
from deploy.demo.units import file_of, unit
from deploy.demo.words import names, zh

PROJECT, COHORT = overdue.PROJECT, overdue.COHORT
CITY, COUNTY = "410200", "410223"
SCHOOLS: Final = (f"{COUNTY}-s001", f"{COUNTY}-s002")
PLACES: Final = 8  # the policy's own number, marked there as invented
CONTACT: Final = overdue.CONTACT + 1
PATH: Final = f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}"
OFFICERS: Final = [
    account("city-kaifeng", "city", unit=CITY),
    account("county-weishi", "county", unit=COUNTY),
    account("school-weishi", "school", unit=SCHOOLS[0]),
]
# In the order of the roster: five of the first school, then four of the second, where there are places for three.
FIRST_SCHOOL, TEACHERS = 5, 9
WRONG: Final = 4  # whose ID number somebody mistyped


def people() -> list[roster.Teacher]:
    """The nine; the third one's ID number ends in X."""
    found = roster.teachers(TEACHERS, seed=410200, first=200)
    found[2] = replace(found[2], id_number=messy.ending_in_x(found[2].id_number))
    return found


def lines(trainers: Sequence[roster.Teacher]) -> list[messy.Line]:
    """The roster as it should be, but for full-width digits and a lower-case x, which are understood."""
    numbers = [t.id_number for t in trainers]
    numbers[1], numbers[2] = messy.full_width(numbers[1]), numbers[2].lower()
    return [
        (t, SCHOOLS[i >= FIRST_SCHOOL], number) for i, (t, number) in enumerate(zip(trainers, numbers, strict=True))
    ]


def messed_up(correct: Sequence[messy.Line], stranger: roster.Teacher) -> list[messy.Line]:
    """The same with a wrong check digit, one teacher twice, and one of another county."""
    bad, school, number = correct[WRONG]
    own, others = correct[:WRONG], correct[FIRST_SCHOOL:]
    return [*own, (bad, school, roster.wrong(number)), correct[0], (stranger, school, stranger.id_number), *others]


async def pass_quota_down(stage: Stage) -> None:
    """City to county, county to two schools; one place moves between them, and there is no ninth."""
    stage.officers += OFFICERS
    accounts.write(stage.accounts_file, stage.places, stage.officers)
    province, city, county = [await stage.as_(name) for name in ("province", "city-kaifeng", "county-weishi")]
    schools = [unit(c, "school", COUNTY, names(f"kaifeng.school{i}")) for i, c in enumerate(SCHOOLS, start=1)]
    await province.text("/enrolment/units:import", file_of(schools, {"410000", CITY, COUNTY}), "application/yaml")
    await put_contacts(stage, [CITY, COUNTY, *SCHOOLS], first=CONTACT)
    await province.post(f"{PATH}/table", {"places": {CITY: PLACES}})
    await give(city, CITY, {COUNTY: PLACES})
    await give(county, COUNTY, dict(zip(SCHOOLS, (6, 2), strict=True)))
    stage.found["kaifeng_over"] = await refusal(give(county, COUNTY, {SCHOOLS[1]: 3}))
    await county.post(f"{PATH}/quota/moves", {"from": SCHOOLS[0], "to": SCHOOLS[1], "places": 1})


async def give(api: Api, source: str, places: dict[str, int]) -> None:
    """Pass places down."""
    await api.post(f"{PATH}/quota", {"from": source, "to": [{"unit": u, "places": n} for u, n in places.items()]})


async def refusal(command: Any) -> Any:
    """The numbers with which quota is refused."""
    try:
        await command
    except Refused as refused:
        return refused.problem["errors"][0]["numbers"]
    return None


async def send_roster(stage: Stage) -> None:
    """The county sends it as it came and again when it is corrected; who is selected keeps the place."""
    county = await stage.as_("county-weishi")
    trainers = people()
    stage.strangers += trainers
    correct = lines(trainers)
    sent = [await send(stage, county, f) for f in (messed_up(correct, stage.people[0]), correct)]
    stage.found["kaifeng_jobs"] = [job["job_id"] for job in sent]
    stage.found["kaifeng_faults"] = [(f["row"], f["code"]) for f in sent[0]["findings"]]
    stage.found["kaifeng_reserve"] = next(f["person_id"] for f in sent[-1]["findings"] if f["outcome"] == "refused")
    stage.found["kaifeng_below"] = await refusal(give(county, COUNTY, {SCHOOLS[0]: 4}))
    held = {p["name"]: p for p in (await county.get("/enrolment/places", programme=YEAR, cohort=COHORT))["places"]}
    stage.found["kaifeng"] = [held[t.name] for t in trainers if t.name in held]
    own = {"place_ids": ids(stage)[:FIRST_SCHOOL]}
    await (await stage.as_("school-weishi")).post("/enrolment/registrations", own)


async def send(stage: Stage, county: Api, roster_lines: Sequence[messy.Line]) -> Any:
    """Upload a roster; gives what became of it."""
    content = messy.table(roster_lines)
    job = await county.upload(f"{PATH}/imports", zh("messy.file"), content, "text/csv", attested="yes")
    await stage.stepper.settle()
    return await county.get(f"/enrolment/imports/{job['job_id']}")


def ids(stage: Stage) -> list[str]:
    """The places of the eight, in the order of the roster."""
    return [place["place_id"] for place in stage.found["kaifeng"]]
