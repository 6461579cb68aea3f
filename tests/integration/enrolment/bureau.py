"""Officers of any unit at one running service, over HTTP alone; rosters as they would type them. All data are synthetic."""

import asyncio
import io
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import xlsxwriter

from deploy.local.stack import Stack
from shared.client import client
from tests.integration.enrolment.ground import POLICIES, id_number
from tests.support.visitor import token

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = ("姓名", "身份证号", "手机号", "学校代码", "教龄", "教学骨干", "岗位", "从事教师培训起始年月")
Who = tuple[str, str]


@dataclass
class Bureau:
    """Whoever it is: a role and the code of the unit where it is held."""

    stack: Stack
    http: httpx.AsyncClient

    async def call(self, who: Who, method: str, path: str, **more: Any) -> httpx.Response:
        bearer = token(self.stack, who[0], unit=who[1])
        headers = {"authorization": f"Bearer {bearer}", "idempotency-key": str(uuid.uuid4()), **more.pop("headers", {})}
        return await self.http.request(method, f"/enrolment{path}", headers=headers, **more)

    async def ok(self, who: Who, method: str, path: str, **more: Any) -> Any:
        answer = await self.call(who, method, path, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def step(self, to: str) -> None:
        headers = {"authorization": f"Bearer {self.stack.service_token}"}
        (await self.http.post("/enrolment/_time", headers=headers, json={"to": to})).raise_for_status()

    async def contacts(self, who: Who, codes: Sequence[str]) -> None:
        contacts = [{"unit": c, "name": "示例联系人", "email": f"{c}@example.invalid"} for c in codes]
        await self.ok(who, "POST", "/contacts", json={"contacts": contacts})

    async def publish(self, who: Who, key: str, source: str | None = None) -> dict[str, Any]:
        text = source or (POLICIES / f"{key}.yaml").read_text("utf-8")
        await self.ok(who, "POST", "/programmes", content=text.encode())
        done: dict[str, Any] = await self.ok(who, "POST", f"/programmes/{key}/publish")
        return done

    async def roster(self, who: Who, where: tuple[str, str], rows: bytes, **fields: str) -> dict[str, Any]:
        """Upload, and what became of it."""
        path = f"/programmes/{where[0]}/cohorts/{where[1]}/imports"
        job = await self.ok(who, "POST", path, data=fields, files={"file": ("名册.xlsx", rows, XLSX)})
        async with asyncio.timeout(40):
            while True:
                found: dict[str, Any] = await self.ok(who, "GET", f"/imports/{job['job_id']}")
                if found["status"] in {"done", "failed"}:
                    return found
                await asyncio.sleep(0.1)

    async def people(self, who: Who) -> list[str]:
        """Ids of the people of one's own unit."""
        found = await self.ok(who, "GET", f"/people?unit={who[1]}")
        return [p["person_id"] for p in found["people"]]

    async def select(self, who: Who, where: tuple[str, str], people: Sequence[str], **more: Any) -> dict[str, Any]:
        body = {"person_ids": list(people), **more}
        done: dict[str, Any] = await self.ok(
            who, "POST", f"/programmes/{where[0]}/cohorts/{where[1]}/selections", json=body
        )
        return done

    async def pass_down(self, who: Who, where: tuple[str, str], to: str, places: int) -> None:
        body = {"from": who[1], "to": [{"unit": to, "places": places}]}
        await self.ok(who, "POST", f"/programmes/{where[0]}/cohorts/{where[1]}/quota", json=body)

    async def table(
        self, who: Who, where: tuple[str, str], places: dict[str, int] | None = None, *, official: bool = False
    ) -> dict[str, Any]:
        done: dict[str, Any] = await self.ok(
            who,
            "POST",
            f"/programmes/{where[0]}/cohorts/{where[1]}/table",
            json={"places": places or {}, "official": official},
        )
        return done


@asynccontextmanager
async def at_work(stack: Stack) -> AsyncIterator[Bureau]:
    async with client(30, base_url=stack.urls["enrolment"]) as http:
        yield Bureau(stack, http)


def born_1985(i: int) -> str:
    """An ID number of somebody born in 1985."""
    return id_number(10_000 + i)


def sheet(unit: str, number: int, first: int = 0, role: str = "", since: str = "") -> bytes:
    """A roster of people of one unit."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("名册（合成数据）")
        page.write_row(0, 0, HEADERS)
        text = book.add_format({"num_format": "@"})
        for i in range(first, first + number):
            page.write_row(
                i - first + 1, 0, [f"测试{i}", born_1985(i), f"1390000{i:04d}", unit, 12, "是", role, since], text
            )
    return out.getvalue()
