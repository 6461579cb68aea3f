"""Bans: two persons confirm them after the reply window, and next year's selection refuses who is banned."""

from typing import Any

from deploy.demo.rural import pass_quota_down
from deploy.demo.stage import NO_SHOW, START, Stage, at, code_of, post_policy
from deploy.demo.words import zh


async def confirm_bans(stage: Stage) -> None:
    """Two persons confirm each proposal, after the reply window and not before."""
    first, second = await stage.as_("province"), await stage.as_("province-2")
    await stage.stepper.settle()
    entries = (await first.get("/blacklist/entries", accept="json"))["entries"]
    stage.found["early"] = await code_of(
        first.post(f"/blacklist/entries/{entries[0]['entry_id']}/confirmations", {"reason": zh("bans.early")})
    )
    await stage.stepper.to(at(9, 28))
    for entry in entries:
        path = f"/blacklist/entries/{entry['entry_id']}/confirmations"
        await first.post(path, {"reason": zh("bans.first")})
        await second.post(path, {"reason": zh("bans.second")})
    await stage.stepper.settle()


async def next_year(stage: Stage) -> None:
    """A small project of the next year refuses the banned teacher."""
    await stage.stepper.to(at(7, 5, year=START.year + 1))
    await post_policy(await stage.as_("province"), "henan-2022")
    await pass_quota_down(stage, "henan-2022", "rural-follow-up-teacher", 5)
    chosen = [stage.places[NO_SHOW]["person_id"], stage.places[0]["person_id"]]
    stage.found["next_year"] = await select_next_year(stage, chosen)
    await stage.stepper.settle()


async def select_next_year(stage: Stage, person_ids: list[str]) -> Any:
    """The county selects for next year's small project; who is refused is told with the reason."""
    path = "/enrolment/programmes/henan-2022/cohorts/rural-follow-up-teacher/selections"
    return await (await stage.as_("county")).post(path, {"person_ids": person_ids})
