"""The story: one class from publication to league table, told through the public HTTP surface.

Each chapter is one function of the ``Stage``; it acts as the officers would and leaves what later chapters need on
the stage. Simulated time moves by the stepper only.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from deploy.demo import accounts, roster
from deploy.demo.client import Api, Refused, sign_in
from shared.stepper import Stepper

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
START: Final = datetime(2021, 7, 16, 8, tzinfo=SHANGHAI)
POLICIES: Final = Path(__file__).parents[1] / "policies"
YEAR, PROJECT, COHORT = "henan-2021", "rural", "rural-teacher"
NO_SHOW, EXCUSED, DISMISSED = 3, 8, 15
STAFF: Final = [
    {"role": role, "name": f"{zh}（合成）", "phone": f"1390008800{i}"}
    for i, (role, zh) in enumerate(
        (("chief_expert", "首席专家"), ("subject_class_teacher", "学科班主任"), ("life_class_teacher", "生活班主任"))
    )
]
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def at(month: int, day: int, hour: int = 9, minute: int = 0, *, year: int = START.year) -> datetime:
    """A civil time in the story's zone."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Stage:
    """Where the story plays, and what it has brought about so far.

    ``others`` counts what happened beside the story's class; ``reachable`` are phones and addresses of officers and staff.
    """

    http: httpx.AsyncClient
    gateway: str
    stepper: Stepper
    accounts_file: Path
    people: list[roster.Teacher] = field(default_factory=lambda: roster.teachers(24))
    strangers: list[roster.Teacher] = field(default_factory=list)
    officers: list[dict[str, Any]] = field(default_factory=lambda: list(accounts.OFFICERS))
    others: Counter[str] = field(default_factory=Counter)
    reachable: set[str] = field(default_factory=lambda: {s["phone"] for s in STAFF})
    places: list[dict[str, Any]] = field(default_factory=list)
    class_id: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    async def as_(self, account: str) -> Api:
        """The API as one account."""
        return await sign_in(self.http, self.gateway, account)

    async def teacher(self, index: int) -> Api:
        """The API as the teacher of the i-th place."""
        return await self.as_(f"teacher-{index}")


async def publish(stage: Stage, policy: str | None = None) -> None:
    """Units and their contacts, then the programme year (``policy`` is another text for it)."""
    await introduce(stage)
    province = await stage.as_("province")
    await post_policy(province, YEAR, policy)
    await province.post("/enrolment/commissions", {"programme": YEAR, "project": PROJECT, "institutions": ["inst-001"]})


async def introduce(stage: Stage) -> None:
    """Accounts, units and the contacts of those that the story needs."""
    accounts.write(stage.accounts_file, [], stage.officers)
    province = await stage.as_("province")
    await province.text("/enrolment/units:import", (POLICIES / "units-henan.yaml").read_text(), "application/yaml")
    await stage.stepper.settle()
    await put_contacts(stage, ["410000", "410100", "410183", roster.SCHOOL, "inst-001"])


async def put_contacts(stage: Stage, codes: Sequence[str], first: int = 0) -> None:
    """An invented contact for each unit, counted from ``first``."""
    contacts = [{"unit": code, "name": f"联系人{i}（合成）", "email": f"contact{i}@example.invalid", "phone": f"13900099{i:03d}"}
                for i, code in enumerate(codes, start=first)]  # fmt: skip
    await (await stage.as_("province")).post("/enrolment/contacts", {"contacts": contacts})
    stage.reachable |= {c[way] for c in contacts for way in ("email", "phone")}


async def post_policy(province: Api, key: str, text: str | None = None) -> None:
    """Post a programme year and publish it."""
    text = text or (POLICIES / f"{key}.yaml").read_text()
    await province.text("/enrolment/programmes", text, "application/yaml")
    await province.post(f"/enrolment/programmes/{key}/publish")


async def pass_quota_down(stage: Stage, key: str = YEAR, cohort: str = COHORT, places: int = 20) -> None:
    """City to county, county to school."""
    for account, source, target in (("city", "410100", "410183"), ("county", "410183", roster.SCHOOL)):
        body = {"from": source, "to": [{"unit": target, "places": places}]}
        await (await stage.as_(account)).post(f"/enrolment/programmes/{key}/cohorts/{cohort}/quota", body)


async def import_roster(stage: Stage) -> None:
    """24 rows, 3 of them bad; 20 are selected, the 21st is refused by quota."""
    await stage.stepper.to(at(7, 20))
    county = await stage.as_("county")
    job = await county.upload(f"/enrolment/programmes/{YEAR}/cohorts/{COHORT}/imports", "名册.xlsx",
                              roster.workbook(stage.people), XLSX)  # fmt: skip
    await stage.stepper.settle()
    stage.found["import"] = await county.get(f"/enrolment/imports/{job['job_id']}")
    stage.places = (await county.get("/enrolment/places", programme=YEAR))["places"]
    accounts.write(stage.accounts_file, stage.places, stage.officers)


async def register(stage: Stage) -> None:
    """Every teacher but one registers."""
    await stage.stepper.to(at(7, 25))
    for i, place in enumerate(stage.places):
        if i != NO_SHOW:
            await (await stage.teacher(i)).post(f"/enrolment/places/{place['place_id']}/registration")


async def open_class(stage: Stage) -> None:
    """The institution schedules, names its staff, hands in the notice in time and opens the class."""
    await stage.stepper.to(at(8, 2))
    institution = await stage.as_("institution")
    made = await institution.post("/enrolment/classes", {
        "programme": YEAR, "cohort": COHORT, "name": {"zh": "乡村骨干07班", "en": "Rural backbone class 07"}, "period": 1,
        "theme": "乡村课堂教学改进", "address": "示例师大东校区", "starts_on": "2021-08-23", "ends_on": "2021-09-06"})  # fmt: skip
    stage.class_id = made["class_id"]
    own = f"/enrolment/classes/{stage.class_id}"
    await institution.post(f"{own}/places", {"place_ids": [p["place_id"] for p in stage.places]})
    await institution.post(f"{own}/staff", {"staff": STAFF})
    await stage.stepper.to(at(8, 5))
    await institution.upload(
        f"{own}/documents", "报到通知书.pdf", PDF, "application/pdf", document="checkin-notice", sealed="true"
    )
    await stage.stepper.to(at(8, 6))
    await institution.post(f"{own}/open")


async def move_class(stage: Stage) -> None:
    """After the first reminder the class moves by three days."""
    await stage.stepper.to(at(8, 17, 10))
    institution = await stage.as_("institution")
    await institution.post(f"/enrolment/classes/{stage.class_id}/move", {
        "starts_on": "2021-08-26", "ends_on": "2021-09-09", "cause": "institution"})  # fmt: skip


async def check_in(stage: Stage) -> None:
    """18 show their code; one is excused, one does not come; check-in is closed."""
    await stage.stepper.to(at(8, 26, 10))
    institution = await stage.as_("institution")
    for i, place in enumerate(stage.places):
        if i not in {NO_SHOW, EXCUSED}:
            code = await (await stage.teacher(i)).get(f"/enrolment/places/{place['place_id']}/checkin-code")
            await institution.post(f"/enrolment/classes/{stage.class_id}/checkins", {"code": code["token"]})
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
                           {"statement": "多次无故缺课，经提醒仍不改正（合成）。"})  # fmt: skip
    await stage.stepper.to(at(9, 10))
    came = [p["place_id"] for i, p in enumerate(stage.places) if i not in {NO_SHOW, EXCUSED, DISMISSED}]
    await institution.post(f"/enrolment/classes/{stage.class_id}/completion", {"place_ids": came})


async def confirm_bans(stage: Stage) -> None:
    """Two persons confirm each proposal, after the reply window and not before."""
    first, second = await stage.as_("province"), await stage.as_("province-2")
    await stage.stepper.settle()
    entries = (await first.get("/blacklist/entries", accept="json"))["entries"]
    stage.found["early"] = await code_of(
        first.post(f"/blacklist/entries/{entries[0]['entry_id']}/confirmations", {"reason": "早"})
    )
    await stage.stepper.to(at(9, 28))
    for entry in entries:
        path = f"/blacklist/entries/{entry['entry_id']}/confirmations"
        await first.post(path, {"reason": "证据齐全，本人未申辩。"})
        await second.post(path, {"reason": "复核无误。"})
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


async def code_of(command: Awaitable[Any]) -> str:
    """The problem code of a command that must be refused."""
    try:
        await command
    except Refused as refused:
        return refused.code
    return "accepted"


Chapter = tuple[str, Callable[[Stage], Awaitable[None]]]
CHAPTERS: Final[tuple[Chapter, ...]] = (
    ("发布年度计划 / publish the year", publish),
    ("下达名额 20 → 市 → 县 → 校 / pass quota down", pass_quota_down),
    ("导入名册：24行 / import a roster of 24 rows", import_roster),
    ("注册：19人 / 19 register", register),
    ("排班、提交报到通知书、开班 / schedule, hand in, open", open_class),
    ("首次提醒后改期3天 / move by 3 days after the first reminder", move_class),
    ("扫码报到、关闭报到 / check in, close check-in", check_in),
    ("1人劝退、17人结业 / 1 dismissed, 17 complete", dismiss_and_complete),
    ("申辩期后两人确认禁训 / two persons confirm the bans", confirm_bans),
    ("次年项目拒绝被禁训教师 / next year refuses the banned", next_year),
)


async def play(stage: Stage, chapters: Sequence[Chapter], tell: Callable[[str, datetime], None]) -> None:
    """The chapters, telling each when it is over."""
    for title, chapter in chapters:
        await chapter(stage)
        tell(title, await stage.stepper.now())
