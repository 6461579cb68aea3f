"""Which institution carries which project, and the papers that it owes for it before it has a class."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from services.enrolment.classes.service import Act
from services.enrolment.commissions import service
from services.enrolment.documents.domain import Upload
from services.enrolment.papers import service as papers
from services.enrolment.programmes.domain import receiving_codes
from services.enrolment.units import service as units
from shared.auth import Principal
from shared.problems import Problem
from tests.integration.enrolment.classroom import PDF, Classroom
from tests.integration.enrolment.ground import KEY, Ground, at, policy, publish
from tests.integration.enrolment.test_bureau_pages import Bureau, bureau
from tests.integration.enrolment.test_classes_pages import plain

__all__ = ["bureau"]
INSTITUTION = ("institution", "inst-001")
PAPERS = f"/papers?policy={KEY}&project=rural&unit=inst-001"


async def give(ground: Ground, *codes: str, who: Principal | None = None, project: str = "rural") -> dict[str, Any]:
    ask = service.Ask(key=KEY, project=project, institutions=codes or ("inst-001",))
    province = who or ground.as_("province", "410000")
    return await Classroom(ground).do(lambda act: service.commission(act, ask), at(7, 18), province)


async def hand_in(
    ground: Ground, document: str, now: datetime, who: tuple[str, str] = INSTITUTION, key: str = KEY, project: str = "rural"
) -> dict[str, Any]:  # fmt: skip
    upload = Upload(name="材料.pdf", head=PDF[:16], size=len(PDF), sealed=True)
    wanted = papers.Wanted(key=key, project=project, unit=who[1])
    return await Classroom(ground).do(
        lambda act: papers.hand_in(act, wanted, document, upload, PDF), now, ground.as_(*who)
    )


async def everybody_named(act: Act) -> dict[str, Any]:
    """A contact for each unit that receives places (A10)."""
    codes = receiving_codes(policy("zhengzhou-2022")[1])
    asks = [units.ContactAsk(unit=c, name="示例联系人", email=f"{c}@example.invalid") for c in codes]
    return {"told": await units.set_contacts(act.con, act.context, act.principal, asks)}


async def refused(work: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        await work
    return problem.value


@pytest.mark.rule("A07", "D03")
async def test_a_project_is_given_once_however_often_and_by_however_many(ground: Ground) -> None:
    answers = await asyncio.gather(*[give(ground) for _ in range(4)])
    assert sorted(len(a["commissioned"]) for a in answers) == [0, 0, 0, 1]
    (event,) = await ground.events("training.commission.v1")
    institution = ground.units["inst-001"]
    assert (event["ce_type"], event["project"], event["institution_id"], event["institution_path"]) == (
        "training.project.commissioned.v1", "rural", institution.unit_id, institution.path)  # fmt: skip
    assert (await refused(give(ground, "410183"))).code == "institution-unknown"
    assert (await refused(give(ground, project="nothing"))).code == "project-unknown"
    assert (await refused(give(ground, who=ground.as_("city", "410100")))).code == "out-of-scope"


async def test_what_was_taken_back_with_a_reason_can_be_given_again(ground: Ground) -> None:
    (held,) = (await give(ground))["commissioned"]
    province = ground.as_("province", "410000")

    async def back(reason: str) -> dict[str, Any]:
        return await Classroom(ground).do(lambda act: service.release(act, held, reason), at(7, 20), province)

    assert (await refused(back(" "))).code == "reason-missing"
    assert (await back("退出（合成）"))["version"] == 2
    assert (await refused(back("退出（合成）"))).code == "commission-ended"
    assert len((await give(ground))["commissioned"]) == 1
    async with ground.db.read(province) as con:
        found = await service.of_year(con, province, KEY)
    assert [(c["released_at"] is None, c["classes"]) for c in found] == [(True, 0), (False, 0)]


@pytest.mark.rule("D01", "D02", "P10")
async def test_the_application_form_comes_before_any_class_on_time_to_the_second(ground: Ground) -> None:
    assert (await refused(hand_in(ground, "application", at(7, 20)))).code == "document-not-owed"
    await give(ground)
    done = await hand_in(ground, "application", at(7, 30, 23, 59, 59))
    assert (done["on_time"], done["due_at"]) == (True, at(7, 30, 23, 59, 59))
    (event,) = await ground.events("training.document.v1")
    assert (event["document"], event["class_id"], event["institution_id"]) == (
        "application", None, ground.units["inst-001"].unit_id)  # fmt: skip
    await give(ground, project="trainers-local")
    late = await hand_in(ground, "application", at(7, 31, 0, 0, 0), project="trainers-local")
    assert late["on_time"] is False


async def test_two_at_once_are_one_paper_in_two_versions(ground: Ground) -> None:
    await give(ground)
    done = await asyncio.gather(*[hand_in(ground, "application", at(7, 20)) for _ in range(3)])
    assert sorted(d["version"] for d in done) == [1, 2, 3]
    assert len({d["document_id"] for d in done}) == 1


@pytest.mark.rule("Q25")
async def test_a_county_hands_in_its_plan_for_each_project_that_it_has_places_in(ground: Ground) -> None:
    await Classroom(ground).do(everybody_named, who=ground.as_("province", "410000"))
    await publish(ground, "zhengzhou-2022")
    async with ground.db.system() as con:
        row = await con.fetchrow("select project, u.code from quota_cell c join unit u using (unit_id) where policy_key = 'zhengzhou-2022' and u.level = 'county' order by 1, 2 limit 1")  # fmt: skip
    done = await hand_in(ground, "use-plan", at(9, 1), ("county", row["code"]), "zhengzhou-2022", row["project"])
    assert done["due_at"].isoformat() == "2022-09-30T23:59:59+08:00"
    assert (
        await refused(hand_in(ground, "application", at(9, 1), ("county", row["code"])))
    ).code == "document-not-owed"
    other = ground.as_("county", "410102" if row["code"] != "410102" else "410103")
    wanted = papers.Wanted(key="zhengzhou-2022", project=row["project"], unit=row["code"])
    async with ground.db.read(other) as con:
        assert (await refused(papers.shelf(con, other, wanted, "county"))).code == "out-of-scope"


async def test_an_officer_gives_a_project_out_and_the_institution_hands_in_its_form(bureau: Bureau) -> None:
    province = ("province", "410000")
    sent = await bureau.send(
        province, "/commissions", {"policy": KEY, "project": "rural", "institution": "inst-001"}, to="/commissions/page"
    )
    page = plain(await bureau.see(province, sent.headers["location"].removeprefix("/enrolment")))
    assert "已委托" in page
    assert "没有班次" in page
    own = plain(await bureau.see(INSTITUTION, PAPERS))
    assert "2021年7月30日" in own
    assert "乡村教师素质提升培训" in plain(await bureau.see(INSTITUTION, "/papers"))
    form = {"policy": KEY, "project": "rural", "unit": "inst-001", "document": "application"}
    bare = await bureau.send(INSTITUTION, PAPERS, form, to="/papers/page", status=422, files={"file": ("a.pdf", PDF)})
    assert "盖章" in plain(bare.text)
    done = await bureau.send(
        INSTITUTION, PAPERS, {**form, "sealed": "yes"}, to="/papers/page", files={"file": ("申报书.pdf", PDF)}
    )
    assert "申报书.pdf" in plain(await bureau.see(INSTITUTION, done.headers["location"].removeprefix("/enrolment")))
    await bureau.see(("county", "410183"), PAPERS, 404)
    await bureau.see(("school", "410183-s001"), "/commissions", 403)
