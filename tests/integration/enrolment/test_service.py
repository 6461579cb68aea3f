"""The service as a process of its own: from the units file to the annotated roster, over HTTP and through its pages."""

import asyncio
import io
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import openpyxl
import pytest
import pytest_asyncio

from deploy.demo import roster
from deploy.gateway.accounts import Account, Words
from deploy.gateway.tokens import Signer
from deploy.local.stack import Stack
from shared.client import client
from tests.integration.enrolment.ground import COHORT, KEY, POLICIES, SCHOOL
from tests.support.stack import RunService

IMPORTS = f"/programmes/{KEY}/cohorts/{COHORT}/imports"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Office:
    """Accounts of one running service."""

    stack: Stack
    http: httpx.AsyncClient
    signer: Signer

    def token(self, role: str, **bound: str) -> str:
        return self.signer.sign(Account(account=role, role=role, name=Words(role, role), duty=Words("", ""), **bound))

    async def call(self, who: str, method: str, path: str, *, key: str = "", **more: Any) -> httpx.Response:
        units = {
            "province": "410000",
            "city": "410100",
            "county": "410183",
            "school": SCHOOL,
            "other": "410183-s002",
            "neighbour": "410182",
            "institution": "inst-001",
        }
        role = {"other": "school", "neighbour": "county"}.get(who, who)
        token = self.stack.service_token if who == "service" else self.token(role, unit=units[who])
        headers = {
            "authorization": f"Bearer {token}",
            "idempotency-key": key or str(uuid.uuid4()),
            **more.pop("headers", {}),
        }
        return await self.http.request(method, f"/enrolment{path}", headers=headers, **more)

    async def ok(self, who: str, method: str, path: str, **more: Any) -> Any:
        answer = await self.call(who, method, path, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def prepare(self, policy: str = "", units: str = "") -> None:
        """The published year with quota down to the school; ``policy`` and ``units`` are other texts of its files."""
        units = units or (POLICIES / "units-henan.yaml").read_text("utf-8")
        policy = policy or (POLICIES / f"{KEY}.yaml").read_text("utf-8")
        contacts = [
            {"unit": u, "name": "示例联系人", "email": f"{u}@example.invalid"}
            for u in ("410000", "410100", "410183", SCHOOL)
        ]
        await self.ok("province", "POST", "/units:import", content=units.encode())
        await self.ok("province", "POST", "/contacts", json={"contacts": contacts})
        await self.ok("province", "POST", "/programmes", content=policy.encode())
        await self.ok("province", "POST", f"/programmes/{KEY}/publish")
        for who, source, target in (("city", "410100", "410183"), ("county", "410183", SCHOOL)):
            body = {"from": source, "to": [{"unit": target, "places": 20}]}
            await self.ok(who, "POST", f"/programmes/{KEY}/cohorts/{COHORT}/quota", json=body)

    async def upload(
        self, content: bytes, *, who: str = "county", key: str = "", name: str = "名册.xlsx"
    ) -> httpx.Response:
        return await self.call(who, "POST", IMPORTS, key=key, files={"file": (name, content, XLSX)})

    async def finished(self, job_id: str, seconds: float = 40, who: str = "county") -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                job: dict[str, Any] = await self.ok(who, "GET", f"/imports/{job_id}")
                if job["status"] in {"done", "failed"}:
                    return job
                await asyncio.sleep(0.1)


def plain(page: str) -> str:
    return page.replace('<span class="nb">', "").replace("</span>", "")


@pytest_asyncio.fixture
async def office(run_service: RunService) -> AsyncIterator[Office]:
    stack = await run_service("enrolment")
    signer = Signer(stack.plan.keys.signing_key, stack.plan.keys.jwks, "shipei-local")
    async with client(30, base_url=stack.urls["enrolment"]) as http:
        office = Office(stack, http, signer)
        await office.prepare()
        yield office


@pytest.mark.rule("Q03", "Q05")
async def test_a_roster_with_three_bad_rows_selects_twenty_and_says_what_to_do_with_the_rest(office: Office) -> None:
    people = roster.teachers(24)
    accepted = await office.upload(roster.workbook(people))
    assert accepted.status_code == 202
    job = await office.finished(accepted.json()["job_id"])
    counts = {name: job[name] for name in ("rows", "selected", "already", "refused", "errors")}
    assert counts == {"rows": 24, "selected": 20, "already": 0, "refused": 1, "errors": 3}
    told = [(f["row"], f["column"], f["code"]) for f in job["findings"]]
    assert told == [
        (8, "id_number", "id-checksum"),
        (14, "id_number", "id-as-number"),
        (20, "phone", "phone-invalid"),
        (25, "", "quota-used-up"),
    ]
    assert "文本" in job["findings"][1]["zh"]
    assert people[6].id_number not in str(job)
    await annotated(office, job["job_id"])
    await pages(office, job["job_id"])
    await again(office, people)


async def annotated(office: Office, job_id: str) -> None:
    """The uploader's own sheet, with the faulty cells filled and commented, and a last column."""
    answer = await office.call("county", "GET", f"/imports/{job_id}/annotated.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.cell(1, 8).value == "问题说明"
    assert getattr(sheet.cell(8, 2).comment, "text", "").startswith("最后一位校验码不对")
    assert sheet.cell(8, 2).fill.fgColor.rgb == "FFFBE6E6"
    assert str(sheet.cell(25, 8).value).startswith("示例乡中心小学20个名额已用完")
    assert sheet.cell(2, 8).value is None
    assert sheet.cell(2, 1).value == roster.teachers(1)[0].name


async def pages(office: Office, job_id: str) -> None:
    """The result page lists the bad rows alone, repeats the upload form, and speaks English when asked."""
    page = await office.call("county", "GET", f"/imports/{job_id}/page", headers={"accept": "text/html"})
    assert "导入结果：已选送20人，3行要改" in plain(page.text)
    assert "4101…" in page.text
    assert page.text.count('enctype="multipart/form-data"') == 1
    english = await office.call("county", "GET", f"/imports/{job_id}/page?lang=en", headers={"accept": "text/html"})
    assert "20 selected, 3 rows to correct" in plain(english.text)
    listed = await office.call("county", "GET", "/imports", headers={"accept": "text/html"})
    assert job_id in listed.text
    hidden = await office.call("other", "GET", f"/imports/{job_id}/page", headers={"accept": "text/html"})
    assert hidden.status_code == 404
    assert job_id not in (await office.call("other", "GET", "/imports", headers={"accept": "text/html"})).text


async def again(office: Office, people: list[roster.Teacher]) -> None:
    """The corrected file as a whole: nobody twice, the three corrected rows find no quota."""
    job = await office.finished((await office.upload(roster.workbook(people, bad=False))).json()["job_id"])
    assert (job["selected"], job["already"], job["refused"], job["errors"]) == (0, 20, 4, 0)
    assert (await office.ok("county", "GET", f"/places?programme={KEY}"))["total"] == 20


async def test_what_can_not_be_taken_is_a_sentence_and_the_form_again(office: Office) -> None:
    await unreadable(office, b"PK\x03\x04 no archive")
    await refused_form(office)
    await refused_policy(office)
    await one_job(office)


async def unreadable(office: Office, content: bytes) -> None:
    job = await office.finished((await office.upload(content)).json()["job_id"])
    assert job["status"] == "failed"
    assert job["problem"]["code"] == "roster-unreadable"
    page = await office.call("county", "GET", f"/imports/{job['job_id']}/page", headers={"accept": "text/html"})
    assert job["problem"]["zh"] in plain(page.text)
    assert 'enctype="multipart/form-data"' in page.text


async def refused_form(office: Office) -> None:
    form = {"cohort": f"{KEY}/{COHORT}", "idempotency_key": "k"}
    answer = await office.call("county", "POST", "/imports", data=form, files={"file": ("名册.docx", b"x", XLSX)})
    assert answer.status_code == 422
    assert "请上传.xlsx或.csv，您选的是名册.docx" in plain(answer.text)
    assert "<title>有错：" in answer.text
    accepted = await office.call("county", "POST", "/imports", data={**form, "idempotency_key": "l"},
                                 files={"file": ("名册.xlsx", roster.workbook(roster.teachers(2), bad=False), XLSX)})  # fmt: skip
    assert accepted.status_code == 303
    assert (await office.finished(accepted.headers["location"].split("/")[-2]))["selected"] == 2


async def refused_policy(office: Office) -> None:
    source = (POLICIES / f"{KEY}.yaml").read_text("utf-8").replace("{date: 2021-07-30}", "{date: 2021-07-32}")
    answer = await office.call("province", "POST", "/programmes", content=source.encode())
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert errors
    assert all(e["line"] and e["zh"] and e["en"] for e in errors)
    assert any("7月32日" in e["zh"] or "2021-07-32" in e["zh"] for e in errors)


async def one_job(office: Office) -> None:
    """The same upload with the same key is the same job."""
    content = roster.workbook(roster.teachers(3), bad=False)
    first, second = [await office.upload(content, key="one") for _ in range(2)]
    assert first.json() == second.json()
    job = await office.finished(first.json()["job_id"])
    assert (job["selected"], job["already"]) == (1, 2)


async def test_an_import_that_was_killed_is_finished_by_the_next_process(office: Office) -> None:
    content = roster.workbook(roster.teachers(400), bad=False)
    jobs = [(await office.upload(content)).json()["job_id"] for _ in range(3)]
    await office.stack.kill9("enrolment")
    await office.stack.start("enrolment")
    done = [await office.finished(job) for job in jobs]
    assert [d["status"] for d in done] == ["done"] * 3
    assert sum(d["selected"] for d in done) == 20
    assert (await office.ok("county", "GET", f"/places?programme={KEY}"))["total"] == 20


async def test_people_are_seen_by_who_may_see_them_and_forgotten_in_time(office: Office) -> None:
    people = roster.teachers(24)
    job = await office.finished((await office.upload(roster.workbook(people))).json()["job_id"])
    places = (await office.ok("county", "GET", "/places"))["places"]
    await contacts(office, [p["person_id"] for p in places], {p.phone for p in people})
    await registration(office, places)
    await forgotten(office, job["job_id"])


async def contacts(office: Office, ids: list[str], phones: set[str]) -> None:
    units = await office.ok("county", "GET", "/units?under=410183")
    wanted = {"people": ids, "units": [units[0]["unit_id"]]}
    assert (await office.call("county", "POST", "/contacts/query", json=wanted)).status_code == 403
    reached = await office.ok("service", "POST", "/contacts/query", json=wanted)
    assert {c["phone"] for c in reached["people"]} < phones
    assert len(reached["people"]) == len(ids) == 20
    assert reached["units"][0]["email"] == "410183@example.invalid"
    seen = await office.ok("county", "POST", "/people/names", json={"ids": ids})
    assert seen["names"].keys() == set(ids)
    assert (await office.ok("other", "POST", "/people/names", json={"ids": ids})) == {"names": {}}


async def registration(office: Office, places: list[dict[str, Any]]) -> None:
    path = f"/places/{places[0]['place_id']}/registration"
    answer = await office.call("school", "POST", path)
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["status"] == "registered"
    refused = (await office.call("school", "POST", path)).json()
    assert refused["code"] == "already-registered"
    assert refused["zh"]["detail"].startswith("已在7月16日")
    assert (await office.call("other", "POST", path)).status_code == 404
    body = {"person_ids": [p["person_id"] for p in places[:2]]}
    selected = await office.ok("county", "POST", f"/programmes/{KEY}/cohorts/{COHORT}/selections", json=body)
    assert [r["code"] for r in selected["refused"]] == ["already-selected"] * 2
    assert (await office.ok("school", "GET", f"/people?unit={SCHOOL}"))["total"] == 21
    assert (await office.call("county", "GET", "/roster-template.xlsx")).content[:2] == b"PK"


async def forgotten(office: Office, job_id: str) -> None:
    """The file, the names and what was typed are gone when the time of keeping is over."""
    token = {"authorization": f"Bearer {office.stack.service_token}"}
    await office.http.post("/enrolment/_time", headers=token, json={"to": "2022-09-01T09:00:00+08:00"})
    answer = await office.call("county", "GET", f"/imports/{job_id}/annotated.xlsx")
    assert (answer.status_code, answer.json()["code"]) == (410, "roster-forgotten")
    con = await asyncpg.connect(office.stack.dsns["enrolment"].writer)
    try:
        assert await con.fetchval("select count(*) from import_row where name is not null or findings <> '[]'") == 0
    finally:
        await con.close()
