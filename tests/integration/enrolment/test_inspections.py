"""Inspections on a real PostgreSQL and through their pages."""

import asyncio
import re
from datetime import date
from typing import Any

import pytest

from services.enrolment.inspections import service, store
from services.enrolment.inspections.domain import Form
from shared.problems import Problem
from tests.integration.enrolment.ground import KEY, TEXTS, Ground, at, context
from tests.integration.enrolment.test_bureau_pages import Bureau, bureau
from tests.integration.enrolment.test_classes_pages import day, plain

__all__ = ["bureau"]
PROVINCE, EXPERT = ("province", "410000"), ("inspector", "410000")
NOW = at(9, 1)
Who = tuple[str, str]


async def score(
    ground: Ground, points: str, who: Who = EXPERT, on: date = date(2021, 8, 30), **more: Any
) -> dict[str, Any]:
    ask = service.Ask(**{"key": KEY, "project": "rural", "institution": "inst-001", **more}, form=Form(score=points, max="100", inspected_on=on))  # fmt: skip
    async with ground.db.write() as con:
        return await service.score(con, context(NOW), ground.as_(*who), ask, TEXTS)


async def correct(
    ground: Ground, inspection_id: str, points: str, reason: str = "复核（合成）", who: Who = EXPERT
) -> dict[str, Any]:
    form = Form(score=points, max="100", inspected_on=date(2021, 8, 30))
    async with ground.db.write() as con:
        return await service.correct(con, context(NOW), ground.as_(*who), inspection_id, form, reason, TEXTS)


async def refused(work: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        await work
    return problem.value


@pytest.mark.rule("M09", "A11")
async def test_the_expert_groups_score_of_an_institution_is_told_once(ground: Ground) -> None:
    done = await score(ground, "91.50")
    (event,) = await ground.events("training.inspection.v1")
    institution = ground.units["inst-001"]
    assert {k: v for k, v in event.items() if not k.startswith(("ce_", "content"))} == {
        "inspection_id": done["inspection_id"], "policy_key": KEY, "project": "rural", "institution_id": institution.unit_id,
        "institution_path": institution.path, "score": "91.5", "max": "100", "inspected_on": "2021-08-30",
    }  # fmt: skip
    assert (event["ce_type"], event["ce_streamversion"], event["ce_policyversion"]) == (
        "training.inspection.scored.v1", "1", "henan-2021@1",
    )  # fmt: skip


async def test_a_correction_is_a_later_event_and_the_earlier_score_and_reason_stay(ground: Ground) -> None:
    done = await score(ground, "91.5")
    assert (await refused(correct(ground, done["inspection_id"], "80", " "))).code == "reason-missing"
    assert (await refused(correct(ground, done["inspection_id"], "91.50"))).code == "inspection-unchanged"
    assert (await correct(ground, done["inspection_id"], "19.5"))["version"] == 2
    assert [(e["score"], e["ce_streamversion"]) for e in await ground.events("training.inspection.v1")] == [("91.5", "1"), ("19.5", "2")]  # fmt: skip
    async with ground.db.read(ground.as_("institution", "inst-001")) as con:
        found = await service.visible(con, ground.as_("institution", "inst-001"), done["inspection_id"])
        scores = await store.scores(con, done["inspection_id"])
    assert (found["score"], [(s["version"], s["score"], s["reason"]) for s in scores]) == ("19.5", [(2, "19.5", "复核（合成）"), (1, "91.5", None)])  # fmt: skip
    assert "复核" not in str(await ground.events("training.inspection.v1"))


async def test_a_form_is_entered_once_however_many_try(ground: Ground) -> None:
    answers = await asyncio.gather(*[score(ground, f"{80 + i}") for i in range(5)], return_exceptions=True)
    assert sum(isinstance(a, dict) for a in answers) == 1
    assert {a.code for a in answers if isinstance(a, Problem)} == {"inspection-known"}
    other = await score(ground, "70", on=date(2021, 8, 31))
    assert len(await ground.events("training.inspection.v1")) == 2
    assert (await refused(correct(ground, other["inspection_id"], "71"))).code == "inspection-known"


@pytest.mark.rule("A07", "A11")
async def test_who_may_score_what(ground: Ground) -> None:
    for who in (("inspector", "410100"), ("city", "410100"), ("institution", "inst-001")):
        assert (await refused(score(ground, "90", who))).code == "out-of-scope"
    assert (await refused(score(ground, "90", institution="410100"))).code == "institution-unknown"
    assert (await refused(score(ground, "90", project="none"))).code == "project-unknown"
    assert (await refused(score(ground, "90", on=date(2021, 9, 2)))).code == "inspection-in-future"
    assert (await score(ground, "90", PROVINCE))["score"] == "90"


async def test_inspections_are_listed_to_those_who_reach_the_institution(ground: Ground) -> None:
    await score(ground, "90")
    for who, number in ((EXPERT, 1), (("institution", "inst-001"), 1), (("inspector", "410100"), 0)):
        principal = ground.as_(*who)
        async with ground.db.read(principal) as con:
            total, _ = await store.listed(con, [g.path for g in principal.grants if g.path], KEY, 1, 50)
        assert total == number


async def test_a_form_is_entered_and_corrected_on_pages(bureau: Bureau) -> None:
    assert "还没有视导成绩" in plain(await bureau.see(EXPERT, "/inspections"))
    filled = {"institution": "inst-001", "project": f"{KEY}/rural", "score": "191.5", "max": "100", **day("day", 7, 16)}
    wrong = await bureau.send(EXPERT, "/new-inspection", filled, status=422)
    assert "得分191.5超过满分100。请核对评价表。" in plain(wrong.text)
    assert 'value="191.5"' in wrong.text
    early = await bureau.send(EXPERT, "/new-inspection", {**filled, "score": "91.5", **day("day", 7, 17)}, status=422)
    assert "视导日期2021年7月17日在今天（2021年7月16日）之后" in plain(early.text)
    empty = await bureau.send(EXPERT, "/new-inspection", {**filled, "institution": ""}, status=422)
    assert "有必填的内容是空的" in plain(empty.text)
    await bureau.send(EXPERT, "/new-inspection", {**filled, "score": "91.5"})
    listed = await bureau.see(("institution", "inst-001"), "/inspections")
    assert re.search(r"示例师范大学 .*2021年7月16日 91.5 / 100", plain(listed))
    address = re.findall(r'href="/enrolment(/inspections/[^"]+/page)"', listed)[0]
    assert "更正成绩" not in await bureau.see(("institution", "inst-001"), address)
    bare = await bureau.send(
        EXPERT, address, {"score": "92", "max": "100", "reason": "", **day("day", 7, 16)}, status=422
    )
    assert "更正成绩要写理由" in plain(bare.text)
    await bureau.send(EXPERT, address, {"score": "92", "max": "100", "reason": "加总有误（合成）", **day("day", 7, 16)})
    shown = plain(await bureau.see(("institution", "inst-001"), address))
    assert "92 / 100分" in shown
    assert re.search(r"92 / 100 加总有误（合成） .*91.5 / 100 首次录入", shown)
    await bureau.see(("inspector", "410100"), address, 404)
    assert "92 of 100" in plain(await bureau.see(EXPERT, f"{address}?lang=en"))
