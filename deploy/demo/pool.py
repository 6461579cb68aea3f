"""A pot of places: a city nominates more than can be taken, an institution chooses in an order of its own."""

from datetime import date
from typing import Any, Final

from deploy.demo import roster
from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.stage import DISMISSED, NO_SHOW, YEAR, Stage, at
from deploy.demo.words import names, zh

COHORT: Final = "trainer"
PATH: Final = f"/enrolment/programmes/{YEAR}/pools/{COHORT}"
STATEMENTS: Final = ["healthy", "devoted", "experienced"]
NOMINEES, TAKEN = 12, 10  # the policy's 1.2 to 1
FIRST_DAY, LAST_DAY = date(2022, 10, 10), date(2022, 12, 8)


async def nominate(stage: Stage) -> None:
    """The city may nominate 12; the 13th is refused, and so is the one of 46 until the city says why."""
    await stage.stepper.to(at(7, 26))
    province, city = await stage.as_("province"), await stage.as_("city")
    await province.post(f"{PATH}/shares", {"shares": {"410100": NOMINEES}})
    await province.post(f"{PATH}/institution", {"institution": "inst-001"})
    people = suggested(stage)
    stage.found["older"] = people[0]
    credentials = [{"person_id": p, "roles": ["chief_expert"], "trainer_since": "2015-09-01"} for p in people]
    await city.post(f"/enrolment/programmes/{YEAR}/credentials", {"people": credentials})
    refused = []
    for asked, reasons in (
        (people[:NOMINEES], {}),
        (people[:1], {people[0]: zh("pool.override")}),
        (people[NOMINEES:], {}),
    ):
        body = {"person_ids": asked, "overrides": reasons, "attested": STATEMENTS}
        refused += (await city.post(f"{PATH}/nominations", body))["refused"]
    stage.found["nominations_refused"] = [r["code"] for r in refused]


def suggested(stage: Stage) -> list[str]:
    """Thirteen people of the story: the one of 46 and the one who will be asked to leave are the first."""
    older = next(p for p in stage.places if p["name"] == stage.people[roster.OLDER].name)
    others = [p for i, p in enumerate(stage.places) if i != NO_SHOW]
    return list(dict.fromkeys(p["person_id"] for p in (older, stage.places[DISMISSED], *others)))[: NOMINEES + 1]


async def choose(stage: Stage) -> None:
    """The institution puts the nominees in an order, takes ten and tells the others why not; their class is next year's."""
    await stage.stepper.to(at(8, 1))
    institution = await stage.as_("institution")
    nominated = await nominations(stage)
    order = [nominated[person]["nomination_id"] for person in suggested(stage)[:NOMINEES]]
    body = {"chosen": order[:TAKEN], "refused": dict.fromkeys(order[TAKEN:], zh("pool.passed_over"))}
    chosen = (await institution.post(f"{PATH}/choices", body))["chosen"]
    stage.found["ranked"], stage.found["chosen"] = order[:TAKEN], [c["nomination_id"] for c in chosen]
    made = await institution.post("/enrolment/classes", {
        "programme": YEAR, "cohort": COHORT, "name": names("pool.name"), "period": 1, "theme": zh("pool.theme"),
        "address": zh("class.address"), "starts_on": FIRST_DAY.isoformat(), "ends_on": LAST_DAY.isoformat()})  # fmt: skip
    ids = {"place_ids": [c["place_id"] for c in chosen]}
    await institution.post(f"/enrolment/classes/{made['class_id']}/places", ids)


async def nominations(stage: Stage) -> dict[str, Any]:
    """The nominations as the institution sees them, by person."""
    found = await (await stage.as_("institution")).get(f"{PATH}/nominations")
    return {n["person_id"]: n for n in found["nominations"]}


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """Twelve nominated, ten chosen in the institution's order; an exception is marked, and who is passed over has no place."""
    source = f"{PATH}/nominations"
    refused = ["condition-age-at-most", "nominations-used-up"]
    ledger.add("pool.refused", refused, stage.found["nominations_refused"], f"{NOTED}answers of nominations")
    ledger.add("pool.order", stage.found["ranked"], stage.found["chosen"], f"{NOTED}answer of the choice")
    found = await nominations(stage)
    states = [n["state"] for n in found.values()]
    wanted = {"chosen": TAKEN, "not_chosen": NOMINEES - TAKEN}
    ledger.add("pool.chosen", wanted, {state: states.count(state) for state in wanted}, source)
    excepted = [person for person, n in found.items() if not n["met_every_condition"]]
    ledger.add("pool.overridden", [stage.found["older"]], excepted, source)
    held = await (await stage.as_("province")).get("/enrolment/places", programme=YEAR, cohort=COHORT)
    chosen = sorted(person for person, n in found.items() if n["state"] == "chosen")
    ledger.add("pool.held", chosen, sorted(p["person_id"] for p in held["places"]), "/enrolment/places")
