"""A bureau that is given places and chooses nobody: reminded until selection closes, and on the overdue list from then on."""

from typing import Any, Final

from deploy.demo.ledger import Ledger, Sources
from deploy.demo.stage import YEAR, Stage, at, civil, put_contacts

BUREAU, COHORT, PROJECT = "410300", "local-trainer", "trainers-local"
PLACES: Final = 12  # of 200: the policy's own number, marked there as invented
CONTACT: Final = 5  # the first that the story's own units leave free
LIST: Final = "/notify/overdue.json"
# Selection closes with 30 July. The policy reminds 7, 3, 1 and 0 days before, at 09:00. Who hears of places on 25 July is
# told at once instead of on the 23rd, then on 27, 29 and 30 July.
SINCE, TIMES, LAST = "2021-07-30 23:59", 4, "2021-07-30 09:00"


async def give_places(stage: Stage) -> None:
    """The province hands out another project's places, those of Luoyang first."""
    await put_contacts(stage, [BUREAU], first=CONTACT)
    province = await stage.as_("province")
    await province.post(f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/table", {"places": {BUREAU: PLACES}})
    stage.unfilled.append(("Luoyang", PROJECT, PLACES))


async def open_list(stage: Stage) -> None:
    """The morning after selection closed: who did not choose."""
    await stage.stepper.to(at(7, 31))
    stage.found["overdue"] = await listed(stage)


async def check(stage: Stage, _: Sources, ledger: Ledger) -> None:
    """Whose places nobody took, since when, and how often they were reminded: on the day after, and now."""
    rows = sorted((*row, SINCE, TIMES, LAST) for row in stage.unfilled)
    actual = {"next_day": stage.found["overdue"], "now": await listed(stage)}
    ledger.add("overdue.list", {"next_day": rows, "now": rows}, actual, f"{LIST}?policy={YEAR}, on 31 July and now")


async def listed(stage: Stage) -> list[Any]:
    """The list's lines about places."""
    debts = (await (await stage.as_("province")).get(LIST, policy=YEAR))["debts"]
    return sorted(line(debt) for debt in debts if debt["what"] == "places")


def line(debt: Any) -> tuple[Any, ...]:
    """Unit, project, places, since when, how often reminded, when last."""
    told = debt["reminded"] or {"times": 0, "last": None}
    since, last = civil(debt["due_at"]), civil(told["last"])
    return debt["owner"]["en"], debt["project"], debt["missing"], since, told["times"], last
