"""Both whole years on the complete tree of units, over HTTP: each project hands out its places in its own way and takes somebody."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import yaml

from tests.integration.enrolment.bureau import Bureau, at_work, born_1985, sheet
from tests.integration.enrolment.ground import POLICIES, SCHOOL, policy
from tests.support.stack import RunService

H, Z = "henan-2021", "zhengzhou-2022"
PROVINCE, CITY, COUNTY = ("province", "410000"), ("city", "410100"), ("county", "410183")
PROJECT_COUNTY = ("county", "411523")
TRAINER = {"roles": ["chief_expert", "researcher"], "stages": ["senior_secondary"], "trainer_since": "2015-09-01"}
STATED_BY_TABLE = ("county-teacher", "master-candidate", "senior-manager", "invigilator", "marker")


@pytest_asyncio.fixture
async def bureau(run_service: RunService) -> AsyncIterator[Bureau]:
    """The whole tree, somebody responsible everywhere, both years published."""
    async with at_work(await run_service("enrolment")) as office:
        text = (POLICIES / "units-henan.yaml").read_text("utf-8")
        await office.ok(PROVINCE, "POST", "/units:import", content=text.encode())
        await office.contacts(PROVINCE, [u["code"] for u in yaml.safe_load(text)["units"]])
        await office.publish(PROVINCE, H)
        yield office


async def cells(bureau: Bureau, where: tuple[str, str], who: tuple[str, str] = PROVINCE) -> dict[str, tuple[int, bool]]:
    found = await bureau.ok(who, "GET", f"/programmes/{where[0]}/cohorts/{where[1]}/quota")
    return {c["unit"]["zh"]: (c["places"], c["synthetic"]) for c in found}


@pytest.mark.rule("P01", "Q01", "K08")
async def test_each_of_the_five_projects_of_2021_takes_somebody_under_its_own_conditions(bureau: Bureau) -> None:
    await rural(bureau)
    await backbone(bureau)
    await county_system(bureau)
    await trainers_province(bureau)
    await trainers_local(bureau)
    taken = (await bureau.ok(PROVINCE, "GET", f"/places?programme={H}"))["places"]
    assert {p["cohort"] for p in taken} == {
        "rural-teacher", "backbone-teacher", "new-teacher", "team-member", "trainer", "local-trainer"
    }  # fmt: skip


async def rural(bureau: Bureau) -> None:
    where = (H, "rural-teacher")
    await bureau.pass_down(CITY, where, "410183", 20)
    await bureau.pass_down(COUNTY, where, SCHOOL, 20)
    job = await bureau.roster(COUNTY, where, sheet(SCHOOL, 3))
    assert (job["selected"], job["nominated"]) == (3, 0)


async def backbone(bureau: Bureau) -> None:
    """No table is at hand: the issuer enters it. Candidates stand on the province's list, new teachers are attested."""
    where, newcomers = (H, "backbone-teacher"), (H, "new-teacher")
    (one, two, *_) = await bureau.people(COUNTY)
    assert (await bureau.call(PROVINCE, "POST", f"/programmes/{H}/cohorts/backbone-teacher/table", json={})).json()["code"] == "table-empty"  # fmt: skip
    for cohort in (where, newcomers):
        await bureau.table(PROVINCE, cohort, {"410100": 5})
        await bureau.pass_down(CITY, cohort, "410183", 5)
        await bureau.pass_down(COUNTY, cohort, SCHOOL, 5)
    refused = (await bureau.select(CITY, where, [one]))["refused"]
    assert [r["code"] for r in refused] == ["condition-list-missing"]
    names = {p["person_id"]: p["name"] for p in (await bureau.ok(COUNTY, "GET", "/people?unit=410183"))["people"]}
    listed = born_1985(int(names[one].removeprefix("测试")))
    await bureau.ok(PROVINCE, "PUT", f"/programmes/{H}/lists/provincial-candidates", json={"members": [listed]})
    done = await bureau.select(CITY, where, [one, two])
    assert ([s["person_id"] for s in done["selected"]], [r["code"] for r in done["refused"]]) == ([one], ["condition-on-list"])  # fmt: skip
    assert (await bureau.select(CITY, newcomers, [two]))["refused"][0]["zh"].startswith("还没有证明：属新入职教师")
    assert len((await bureau.select(CITY, newcomers, [two], attested=["newly-appointed"]))["selected"]) == 1


async def county_system(bureau: Bureau) -> None:
    """Fifty for each of the thirteen counties, wherever they stand in the tree; nobody else gets any."""
    where = (H, "team-member")
    assert await bureau.table(PROVINCE, where) == {"units": 13, "places": 650, "synthetic": False}
    assert set((await cells(bureau, where)).values()) == {(50, False)}
    wrong = await bureau.call(PROVINCE, "POST", f"/programmes/{H}/cohorts/team-member/table", json={"places": {"411523": 49}})  # fmt: skip
    assert [(e["code"], e["numbers"]) for e in wrong.json()["errors"]] == [("quota-not-each", {"each": 50, "places": 49})]  # fmt: skip
    strange = await bureau.call(PROVINCE, "POST", f"/programmes/{H}/cohorts/team-member/table", json={"places": {"410100": 50}})  # fmt: skip
    assert strange.json()["code"] == "not-on-list"
    job = await bureau.roster(PROJECT_COUNTY, where, sheet("411523", 2, first=100))
    assert [f["code"] for f in job["findings"]] == ["condition-role-in"] * 2
    (one, _) = await bureau.people(PROJECT_COUNTY)
    await credentials(bureau, PROJECT_COUNTY, H, one)
    assert (await bureau.roster(PROJECT_COUNTY, where, sheet("411523", 2, first=100)))["selected"] == 1


async def credentials(bureau: Bureau, who: tuple[str, str], key: str, person: str) -> None:
    people = [{"person_id": person, **TRAINER}]
    await bureau.ok(who, "POST", f"/programmes/{key}/credentials", json={"people": people})


async def trainers_province(bureau: Bureau) -> None:
    """The city nominates by roster, the institution chooses; nobody is selected past it."""
    where, pool = (H, "trainer"), f"/programmes/{H}/pools/trainer"
    (person, *_) = await bureau.people(COUNTY)
    assert (await bureau.ok(PROVINCE, "POST", f"{pool}/shares", json={}))["synthetic"]
    await bureau.ok(PROVINCE, "POST", f"{pool}/institution", json={"institution": "inst-001"})
    past = await bureau.call(CITY, "POST", f"/programmes/{H}/cohorts/trainer/selections", json={"person_ids": [person]})
    assert past.json()["code"] == "pool-cohort"
    job = await bureau.roster(CITY, where, sheet(SCHOOL, 3), attested="yes")
    assert (job["selected"], job["nominated"], job["refused"]) == (0, 0, 3)
    assert {(f["code"], f["column"]) for f in job["findings"]} == {
        ("condition-years-of-training", "trainer_since"),
        ("condition-role-in", "role"),
    }
    job = await bureau.roster(CITY, where, sheet(SCHOOL, 1, role="首席专家", since="2015-09"), attested="yes")
    assert (job["selected"], job["nominated"], job["refused"]) == (0, 1, 0)
    (nominee,) = (await bureau.ok(CITY, "GET", f"{pool}/nominations"))["nominations"]
    assert (nominee["state"], nominee["nominated_by"]["zh"]) == ("waiting", "郑州市")
    chosen = {"chosen": [nominee["nomination_id"]]}
    assert (await bureau.ok(("institution", "inst-001"), "POST", f"{pool}/choices", json=chosen))["left"] == 149


async def trainers_local(bureau: Bureau) -> None:
    """200 are stated, their spread is not: the issuer hands out the policy's numbers, and they say that they are invented."""
    where = (H, "local-trainer")
    assert await cells(bureau, where) == {}
    assert await bureau.table(PROVINCE, where) == {"units": 28, "places": 200, "synthetic": True}
    spread = await cells(bureau, where)
    assert (spread["郑州市"], sum(n for n, _ in spread.values())) == ((18, True), 200)
    for page in (f"/programmes/{H}/cohorts/local-trainer/quota/page?unit=410100", "/quota"):
        shown = await bureau.call(CITY, "GET", page, headers={"accept": "text/html"})
        assert "虚拟" in shown.text, page
    over = await bureau.call(PROVINCE, "POST", f"/programmes/{H}/cohorts/local-trainer/table", json={"places": {"410100": 19}})  # fmt: skip
    assert over.json()["errors"][0]["numbers"]["over"] == 1
    await bureau.table(PROVINCE, where, {"410100": 17})
    assert (await cells(bureau, where))["郑州市"] == (17, True), "typing another number makes nothing of it official"
    await bureau.table(PROVINCE, where, {"410100": 17}, official=True)
    assert (await cells(bureau, where))["郑州市"] == (17, False)
    await bureau.table(PROVINCE, where, {"410100": 18}, official=True)
    await bureau.pass_down(CITY, where, "410183", 1)
    await bureau.pass_down(COUNTY, where, SCHOOL, 1)
    (person, *_) = await bureau.people(COUNTY)
    done = await bureau.select(CITY, where, [person], attested=["healthy", "devoted", "experienced-local"])
    assert len(done["selected"]) == 1, done


@pytest.mark.rule("P04", "P05", "Q02")
async def test_each_of_the_twelve_projects_of_2022_takes_somebody_and_the_tree_is_the_citys(bureau: Bureau) -> None:
    refused = await bureau.call(
        ("city", "410200"), "POST", "/programmes", content=(POLICIES / f"{Z}.yaml").read_bytes()
    )
    assert refused.status_code == 404
    assert (await bureau.publish(CITY, Z))["cells"] == 7 * 14
    await bureau.step("2022-08-26T09:00:00+08:00")
    policy_ = policy(Z)[1]
    (person,) = await teacher(bureau)
    await bureau.ok(CITY, "PUT", f"/programmes/{Z}/lists/project-counties-2022", json={"members": ["410183"]})
    for cohort in [c.key for p in policy_.projects for c in p.cohorts]:
        await takes_somebody(bureau, cohort, person)
    taken = (await bureau.ok(CITY, "GET", f"/places?programme={Z}"))["places"]
    assert len({p["cohort"] for p in taken}) == len(policy_.projects) == 12


async def teacher(bureau: Bureau) -> list[str]:
    await bureau.pass_down(COUNTY, (Z, "rural-backbone-teacher"), SCHOOL, 1)
    job = await bureau.roster(COUNTY, (Z, "rural-backbone-teacher"), sheet(SCHOOL, 1))
    assert job["selected"] == 1
    (person,) = await bureau.people(COUNTY)
    await bureau.ok(COUNTY, "POST", f"/programmes/{Z}/credentials", json={"people": [{"person_id": person, "stages": ["senior_secondary"]}]})  # fmt: skip
    return [person]


async def takes_somebody(bureau: Bureau, cohort: str, person: str) -> None:
    where = (Z, cohort)
    if cohort in STATED_BY_TABLE:
        await bureau.table(CITY, where, {"410183": 1})
    found = await cells(bureau, where, CITY)
    assert set(found) <= {"新密市", "示例乡中心小学"} if cohort in STATED_BY_TABLE else len(found) >= 14
    assert all(synthetic == (cohort not in STATED_BY_TABLE) for _, synthetic in found.values())
    await bureau.pass_down(COUNTY, where, SCHOOL, 1)
    done = await bureau.select(COUNTY, where, [person])
    codes = [r["code"] for r in done["refused"]]
    assert done["selected"] or codes == ["already-selected"], (cohort, codes)
