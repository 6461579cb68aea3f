"""Their two classes, at the instants that the story stops at anyway: one moves twice, one is called off.

One trainee is replaced, one stays away whom no SMS reached, one does not complete.
"""

from datetime import date
from typing import Final

from deploy.demo.client import Api
from deploy.demo.kaifeng import COHORT, PROJECT, ids, people
from deploy.demo.stage import YEAR, Stage, at, begin_class, code_of
from deploy.demo.words import names, zh

UNREACHED, FAILED, BY_HAND, REPLACED = 0, 1, 2, 5  # in the order of the roster
DAYS: Final = (date(2021, 8, 30), date(2021, 8, 27), date(2021, 8, 21))  # as announced first, and after each move
LAST_DAY: Final = date(2021, 9, 18)  # as announced first; a move keeps the number of days
CANCELLED: Final = (date(2021, 9, 6), date(2021, 9, 25))


async def open_classes(stage: Stage) -> None:
    """Six shall come in August, two in September; the first one's phone takes no SMS any more."""
    dead = {"channel": "sms", "mode": "fail_receipt", "to": people()[UNREACHED].phone}
    await (await stage.as_("ops")).post("/sink/behaviour", dead)
    commission = {"programme": YEAR, "project": PROJECT, "institutions": ["inst-001"]}
    await (await stage.as_("province")).post("/enrolment/commissions", commission)
    institution, places = await stage.as_("institution"), ids(stage)
    stage.found["kaifeng_classes"] = [
        await open_class(institution, 1, (DAYS[0], LAST_DAY), places[:-2]),
        await open_class(institution, 2, CANCELLED, places[-2:]),
    ]
    await stage.stepper.settle()


async def open_class(institution: Api, period: int, days: tuple[date, date], place_ids: list[str]) -> str:
    """One class, its notice handed in; gives its id."""
    return await begin_class(institution, {
        "programme": YEAR, "cohort": COHORT, "name": names(f"kaifeng.class{period}"), "period": period,
        "theme": zh("pool.theme"), "address": zh("class.address"),
        "starts_on": days[0].isoformat(), "ends_on": days[1].isoformat()}, place_ids)  # fmt: skip


async def move_twice(stage: Stage) -> None:
    """One class moves, and once more, the other is called off; then three join: its two, and one who stands in."""
    institution = await stage.as_("institution")
    moving, cancelled = stage.found["kaifeng_classes"]
    for moment, day in zip((at(8, 16), at(8, 17, 10)), DAYS[1:], strict=True):
        await stage.stepper.to(moment)
        body = {"starts_on": day.isoformat(), "cause": "public_health"}
        await institution.post(f"/enrolment/classes/{moving}/move", body)
    await institution.post(f"/enrolment/classes/{cancelled}/cancel", {"cause": "too_few"})
    await stage.stepper.settle()
    await institution.post(f"/enrolment/classes/{moving}/places", {"place_ids": ids(stage)[-2:]})
    await replace_one(stage)


async def replace_one(stage: Stage) -> None:
    """The county asks for a substitute, the city agrees; the substitute is who found no place."""
    path = f"/enrolment/places/{ids(stage)[REPLACED]}/substitution"
    ask = {"substitute_id": stage.found["kaifeng_reserve"], "reason": zh("kaifeng.substitution")}
    await (await stage.as_("county-weishi")).post(path, ask)
    decided = await (await stage.as_("city-kaifeng")).post(f"{path}/decision", {"approve": True})
    stage.found["kaifeng_substitute"] = decided["substitute_place_id"]


async def check_in(stage: Stage) -> None:
    """One has no phone and is checked in by hand, the others sign a list; who could not be reached does not come."""
    await stage.stepper.to(at(8, 21))
    institution, places = await stage.as_("institution"), ids(stage)
    own = f"/enrolment/classes/{stage.found['kaifeng_classes'][0]}"
    by_hand = {"place_id": places[BY_HAND], "reason": zh("kaifeng.no_phone")}
    stage.found["kaifeng_method"] = (await institution.post(f"{own}/checkins", by_hand))["method"]
    signed = [p for i, p in enumerate(places) if i not in {UNREACHED, BY_HAND, REPLACED}]
    came = [*signed, stage.found["kaifeng_substitute"]]
    await institution.post(f"{own}/signed-list", {"place_ids": came, "reason": zh("zhengzhou.signed")})
    stage.found["kaifeng_came"] = [places[BY_HAND], *came]
    await stage.stepper.to(at(8, 23))
    await institution.post(f"{own}/checkin-closing", {"held": True})


async def complete(stage: Stage) -> None:
    """One does not complete; a ban without the proof that its notice arrived can't be confirmed."""
    failed, (moving, _) = ids(stage)[FAILED], stage.found["kaifeng_classes"]
    completed = [p for p in stage.found["kaifeng_came"] if p != failed]
    body = {"place_ids": completed, "not_completed": {failed: zh("kaifeng.failed")}}
    await (await stage.as_("institution")).post(f"/enrolment/classes/{moving}/completion", body)
    await stage.stepper.settle()
    province, absent = await stage.as_("province"), stage.found["kaifeng"][UNREACHED]["person_id"]
    (entry,) = (await province.get("/blacklist/entries", person=absent))["entries"]
    confirmation = f"/blacklist/entries/{entry['entry_id']}/confirmations"
    stage.found["kaifeng_unproven"] = await code_of(province.post(confirmation, {"reason": zh("bans.first")}))
