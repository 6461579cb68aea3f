"""A third year that nobody has thought of is posted to the running system: another tree, other dates and offsets, another
denominator, a ban of two years and one person to confirm it. Nothing is restarted, no line of code knows of it."""

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from deploy.demo import stranger
from deploy.demo.client import Api
from deploy.demo.tables import figures
from deploy.demo.tables import published as published_table
from deploy.local.paths import SERVICES
from deploy.local.running import supervised
from shared.stepper import Stepper
from tests.integration.enrolment.bureau import Bureau, at_work, sheet
from tests.integration.enrolment.ground import POLICIES
from tests.support import forking
from tests.support.stack import NewPlan, stepper
from tests.support.visitor import HTML, token

YEARS = Path(__file__).parents[2] / "support" / "years"
KEY, COHORT, PROJECT = "yunling-2031", "mountain-guide", "mountain-guides"
WHERE = (KEY, COHORT)
PROVINCE, PREFECTURE, OTHER = ("province", "YL"), ("city", "YL-1"), ("city", "YL-2")
SCHOOL, INSTITUTION = ("school", "YL-1-a"), ("institution", "YL-U")
WARDEN, PASS = ("宿管", "Warden"), ("垭口封路", "The pass is closed")
GUIDE = {"roles": ["guide"], "stages": ["kindergarten"]}


def at(month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2031, month, day, hour, minute, second, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class Third:
    """The running system of another province, years later."""

    bureau: Bureau
    stepper: Stepper

    async def of(self, service: str, who: tuple[str, str], method: str, path: str, **more: Any) -> Any:
        stack = self.bureau.stack
        headers = {"authorization": f"Bearer {token(stack, who[0], unit=who[1])}", "idempotency-key": uuid.uuid4().hex, "accept": "application/json"}  # fmt: skip
        answer = await self.bureau.http.request(
            method, f"{stack.urls[service]}/{service}{path}", headers=headers, **more
        )
        assert answer.is_success, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def third(new_plan: NewPlan) -> AsyncIterator[Third]:
    """Six processes that hold Henan's year already."""
    async with (
        supervised(await new_plan(at(2, 20)), launch=forking.launch, restarts=False) as stack,
        at_work(stack) as bureau,
    ):
        third = Third(bureau, stepper(bureau.http, stack))
        henan = ("province", "410000")
        await bureau.ok(henan, "POST", "/units:import", content=(POLICIES / "units-henan.yaml").read_bytes())
        await bureau.contacts(henan, ["410000", "410100"])
        await bureau.publish(henan, "henan-2021")
        await third.stepper.settle()
        yield third


@pytest.mark.rule("D08", "M16")
async def test_an_invented_year_of_another_province_runs_from_units_to_ban_and_league_table(third: Third) -> None:
    processes = running(third)
    await published(third)
    people = await selected(third)
    places = await places_of(third, people)
    class_id = await opened(third, places)
    await named(third, class_id, places, people[0])
    await closed(third, class_id, places)
    await told(third)
    await banned(third, people)
    await ranked(third)
    await recomputed(third)
    assert running(third) == processes


def running(third: Third) -> dict[str, int]:
    """The processes, as the machine counts them."""
    return {name: third.bureau.stack.supervisor.pid(name) for name in SERVICES}


async def published(third: Third) -> None:
    bureau = third.bureau
    await bureau.ok(PROVINCE, "POST", "/units:import", content=(YEARS / "units-yunling.yaml").read_bytes())
    foreign = await bureau.call(("province", "410000"), "POST", "/programmes", content=(YEARS / f"{KEY}.yaml").read_bytes())  # fmt: skip
    assert foreign.status_code == 404
    await bureau.contacts(PROVINCE, ["YL", "YL-1", "YL-2", "YL-1-a", "YL-2-a", "YL-U"])
    done = await bureau.publish(PROVINCE, KEY, (YEARS / f"{KEY}.yaml").read_text("utf-8"))
    assert done["cells"] == 2


async def selected(third: Third) -> list[str]:
    """Conditions and windows are the year's own; an officer of a prefecture acts for its level, whatever the level is called."""
    bureau = third.bureau
    early = await bureau.call(PREFECTURE, "POST", f"/programmes/{KEY}/cohorts/{COHORT}/quota",
                              json={"from": "YL-1", "to": [{"unit": "YL-1-a", "places": 3}]})  # fmt: skip
    assert early.json()["code"] == "selection-not-open"
    await third.stepper.to(at(3, 2))
    await bureau.pass_down(PREFECTURE, WHERE, "YL-1-a", 3)
    job = await bureau.roster(PREFECTURE, WHERE, sheet("YL-1-a", 4))
    assert (job["selected"], job["refused"]) == (0, 4)
    assert {f["code"] for f in job["findings"]} == {"condition-role-in", "condition-stage-in", "condition-age-at-most"}
    said = {f["code"]: f["zh"] for f in job["findings"]}
    assert "任教学段不是山村幼儿园" in said["condition-stage-in"]
    people = await bureau.people(SCHOOL)
    await bureau.ok(SCHOOL, "POST", f"/programmes/{KEY}/credentials", json={"people": [{"person_id": p, **GUIDE} for p in people]})  # fmt: skip
    assert [r["code"] for r in (await bureau.select(PREFECTURE, WHERE, people[:1]))["refused"]] == ["condition-age-at-most"]  # fmt: skip
    overrides = dict.fromkeys(people, "山区缺人（合成）")
    not_yours = await bureau.call(SCHOOL, "POST", f"/programmes/{KEY}/cohorts/{COHORT}/selections",
                                  json={"person_ids": people, "overrides": overrides})  # fmt: skip
    assert (not_yours.status_code, not_yours.json()["zh"]["detail"]) == (403, "破格由州决定。")
    assert (await bureau.call(OTHER, "POST", f"/programmes/{KEY}/cohorts/{COHORT}/selections", json={"person_ids": people})).status_code == 404  # fmt: skip
    await third.stepper.to(at(3, 9, 23, 59, 59))
    done = await bureau.select(PREFECTURE, WHERE, people, overrides=overrides)
    assert (len(done["selected"]), [r["code"] for r in done["refused"]]) == (3, ["quota-used-up"])
    return [s["person_id"] for s in done["selected"]]


async def places_of(third: Third, people: list[str]) -> list[str]:
    await third.stepper.to(at(3, 10, 0))
    late = await third.bureau.call(PREFECTURE, "POST", f"/programmes/{KEY}/cohorts/{COHORT}/selections", json={"person_ids": people})  # fmt: skip
    assert late.json()["code"] == "selection-closed"
    held = (await third.bureau.ok(PREFECTURE, "GET", f"/places?programme={KEY}"))["places"]
    by_person = {p["person_id"]: p["place_id"] for p in held}
    return [by_person[p] for p in people]


async def opened(third: Third, places: list[str]) -> str:
    bureau = third.bureau
    body = {"programme": KEY, "cohort": COHORT, "institution": "YL-U", "name": {"zh": "山区01班", "en": "Mountain 01"}, "period": 1,
            "theme": "复式教学", "address": "云岭师大", "starts_on": "2031-04-12", "ends_on": "2031-04-15"}  # fmt: skip
    class_id: str = (await bureau.ok(INSTITUTION, "POST", "/classes", json=body))["class_id"]
    await bureau.ok(INSTITUTION, "POST", f"/classes/{class_id}/places", json={"place_ids": places})
    await third.stepper.to(at(4, 1))
    unstaffed = await bureau.call(INSTITUTION, "POST", f"/classes/{class_id}/open")
    assert (unstaffed.json()["zh"]["detail"], unstaffed.json()["detail"]) == ("还没有宿管，不能开班。", "No Warden yet; the class can't open.")  # fmt: skip
    staff = [{"role": "warden", "name": "宿管（合成）", "phone": "13900088000"}]
    await bureau.ok(INSTITUTION, "POST", f"/classes/{class_id}/staff", json={"staff": staff})
    owed = (await bureau.ok(INSTITUTION, "GET", f"/classes/{class_id}"))["documents"]
    assert [(d["document"], d["due"][:10]) for d in owed] == [("arrival-letter", "2031-04-05")], "seven days before"
    await bureau.ok(INSTITUTION, "POST", f"/classes/{class_id}/open")
    return class_id


async def named(third: Third, class_id: str, places: list[str], person: str) -> None:
    """Its own words for who runs a class, why one moves, proofs and papers: on pages and in refusals, in both languages."""
    bureau = third.bureau
    address = f"/classes/{class_id}"
    unproven = await bureau.call(PREFECTURE, "POST", f"/places/{places[1]}/excuse", json={"reason": "snow", "evidence": []})  # fmt: skip
    assert unproven.json()["zh"]["detail"] == "还缺证明：道班路况单。"
    odd = await bureau.call(PREFECTURE, "POST", f"/places/{places[1]}/excuse", json={"reason": "rain", "evidence": []})
    assert odd.json()["en"]["detail"] == "Accepted reasons are: Snowed in."
    moved = {"cause": "pass_closed", "address": "云岭师大西区"}
    unknown = await bureau.call(INSTITUTION, "POST", f"{address}/move", json=moved | {"cause": "flood"})
    assert "垭口封路" in unknown.json()["zh"]["detail"]
    await third.stepper.to(at(4, 1, 13))
    await bureau.ok(INSTITUTION, "POST", f"{address}/move", json=moved)
    await reads(third, INSTITUTION, f"{address}/page", WARDEN, PASS)
    await reads(third, INSTITUTION, f"{address}/page/staff", WARDEN)
    for form in ("move", "move?cause=pass_closed&starts-year=2031&starts-month=4&starts-day=13", "cancel"):
        await reads(third, INSTITUTION, f"{address}/page/{form}", PASS)
    await reads(third, INSTITUTION, f"{address}/documents/page?document=arrival-letter", ("被褥", "Bedding"))
    await reads(third, PREFECTURE, f"/places/{places[1]}/absence", ("道班路况单", "Report of the road crew"))
    own = {"authorization": f"Bearer {token(bureau.stack, 'teacher', person=person)}", **HTML}
    zh, en = [(await bureau.http.get(f"/enrolment/me?lang={lang}", headers=own)).text for lang in ("zh", "en")]
    assert ("宿管 宿管（合成）" in zh, "Warden 宿管（合成）" in en) == (True, True)


async def reads(third: Third, who: tuple[str, str], path: str, *words: tuple[str, str]) -> None:
    """A page says the Chinese words in Chinese and the English ones in English, and no key of the policy to anybody."""
    for lang, said in zip(("zh", "en"), zip(*words, strict=True), strict=True):
        page = await third.bureau.call(who, "GET", f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=HTML)
        assert page.status_code == 200, page.text
        assert all(word in page.text for word in said), (path, lang, said)
        seen = re.sub(r"<[^>]*>", " ", page.text)
        assert not [key for key in ("warden", "pass_closed", "road_report", "bedding") if key in seen], (path, lang)


async def closed(third: Third, class_id: str, places: list[str]) -> None:
    """One of three comes, one is excused, of one nothing is heard; the window opens at noon of the day before."""
    bureau = third.bureau
    await third.stepper.to(at(4, 11, 12))
    arrival = {"place_id": places[0], "reason": "人工登记（合成）"}
    await bureau.ok(INSTITUTION, "POST", f"/classes/{class_id}/checkins", json=arrival)
    absence = {"reason": "snow", "evidence": ["road_report"]}
    await bureau.ok(PREFECTURE, "POST", f"/places/{places[1]}/excuse", json=absence)
    await third.stepper.to(at(4, 12, 20, 0, 1))
    await bureau.ok(INSTITUTION, "POST", f"/classes/{class_id}/checkin-closing", json={"held": True})
    await third.stepper.to(at(4, 16))
    await bureau.ok(INSTITUTION, "POST", f"/classes/{class_id}/completion", json={"place_ids": places[:1]})
    await third.stepper.settle()


async def told(third: Third) -> None:
    """The year's own ladder: an SMS first, a mail to whoever has no receipt two hours later."""
    sent = (await third.bureau.http.get(f"{third.bureau.stack.sink}/sink/messages.json")).json()["messages"]
    opened_to = {m["to"] for m in sent if "山区01班" in m["text"]}
    assert opened_to >= {"YL-1@example.invalid", "YL-1-a@example.invalid"}
    assert len([to for to in opened_to if to.startswith("1390000")]) == 3
    letters = [m["text"] for m in sent if m["channel"] == "email" and "垭口封路" in m["text"]]
    assert letters
    assert all("宿管宿管（合成） 13900088000" in text and "Warden 宿管（合成）" in text for text in letters)
    assert all("见承训单位的《入校须知》" in text and "The pass is closed" in text for text in letters)
    assert {m["text"].partition("】")[0] for m in sent if m["channel"] == "sms"} == {"【云岭省教师培训"}, (
        "nobody else's signature"
    )


async def banned(third: Third, people: list[str]) -> None:
    """Two years from the confirmation, by one person, after five days; the next selection of the same kind refuses."""
    (entry,) = (await third.of("blacklist", PROVINCE, "GET", "/entries"))["entries"]
    assert (entry["person_id"], entry["cause"]) == (people[2], "no_show")
    await third.stepper.to(at(4, 30))
    path = f"/entries/{entry['entry_id']}/confirmations"
    await third.of("blacklist", PROVINCE, "POST", path, json={"reason": "证据齐全（合成）。"})
    await third.stepper.settle()
    (entry,) = (await third.of("blacklist", PROVINCE, "GET", "/entries"))["entries"]
    assert entry["state"] == "confirmed"
    query = f"/standing?person={people[2]}&level=region&form=residential&on="
    blocked = {day: (await third.of("blacklist", PROVINCE, "GET", query + day))["barred"] for day in ("2033-04-30", "2033-05-01")}  # fmt: skip
    assert blocked == {"2033-04-30": True, "2033-05-01": False}


async def ranked(third: Third) -> None:
    """The year's own denominators: one of three selected came, and completed; for completion the excused one does not count."""
    path = f"/league/{KEY}/{PROJECT}.json?level=prefecture"
    table = await third.of("reporting", PROVINCE, "GET", path)
    row = next(r for r in table["rows"] if r["code"] == "YL-1")
    assert {k: (v["numerator"], v["denominator"], v["percent"]) for k, v in row["rates"].items()} == {
        "came-of-selected": (1, 3, "33.33"),
        "completion": (1, 2, "50.00"),
    }
    empty = next(r for r in table["rows"] if r["code"] == "YL-2")
    assert empty["rates"]["completion"]["percent"] is None, "nobody expected: not ranked, never 0 %"


async def recomputed(third: Third) -> None:
    """Whoever has the topics alone comes to the same tables, by the formulas of a year that he reads there."""
    stack = third.bureau.stack
    found = await stranger.recount(stack.kafka, stack.topic_prefix)
    drawn = {name: table for name, table in found["tables"].items() if name.startswith(f"{KEY}/")}
    province = Api(third.bureau.http, stack.gateway, token(stack, PROVINCE[0], unit=PROVINCE[1]))
    printed = {name: await published_table(province, *name.split("/")) for name in drawn}
    assert {name.rpartition("/")[2] for name in drawn} == {"came-of-selected", "completion"}
    assert figures(drawn) == figures(printed)
