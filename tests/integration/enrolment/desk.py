"""An enrolment with nothing in it yet, and officers and programs that bring it units and a year."""

import re
import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from deploy.local.stack import Stack
from tests.integration.enrolment.ground import KEY, POLICIES
from tests.integration.enrolment.test_classes_pages import plain
from tests.support.visitor import HTML, token

Who = tuple[str, str]
PROVINCE, CITY, OTHER = ("province", "410000"), ("city", "410100"), ("city", "410200")
UNITS = (POLICIES / "units-henan.yaml").read_text("utf-8")
YEAR = (POLICIES / f"{KEY}.yaml").read_text("utf-8")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Desk:
    """A running enrolment with nothing in it, and officers who use its pages."""

    stack: Stack
    http: httpx.AsyncClient

    def headers(self, who: Who) -> dict[str, str]:
        return {**HTML, "authorization": f"Bearer {token(self.stack, who[0], unit=who[1])}"}

    async def see(self, who: Who, path: str, status: int = 200) -> str:
        answer = await self.http.get(f"/enrolment{path}", headers=self.headers(who), follow_redirects=True)
        assert answer.status_code == status, plain(answer.text)[:900]
        return answer.text

    async def post(self, who: Who, path: str, form: dict[str, Any], status: int, files: Any = None) -> httpx.Response:
        key = dict(HIDDEN.findall(await self.see(who, "/years")))["idempotency_key"]
        answer = await self.http.post(
            f"/enrolment{path}", data={"idempotency_key": key} | form, files=files, headers=self.headers(who)
        )
        assert answer.status_code == status, plain(answer.text)[:900]
        return answer

    async def upload(self, who: Who, what: str, text: str | bytes, status: int = 303) -> httpx.Response:
        files = {f"{what}-file": (f"{what}.yaml", text)}
        return await self.post(who, "/years", {"what": what}, status, files)

    async def send(self, who: Who, path: str, text: str = "") -> httpx.Response:
        """As a program does it, without pages."""
        headers = self.headers(who) | {"accept": "application/json", "idempotency-key": str(uuid.uuid4())}
        return await self.http.post(f"/enrolment{path}", content=text.encode(), headers=headers)

    async def contact(self, code: str) -> None:
        form = {"name": "示例联系人", "email": f"{code}@example.invalid"}
        await self.post(PROVINCE, f"/units/{code}/page/contact", form, 303)

    async def publish(self, who: Who = PROVINCE, *, status: int, **more: str) -> httpx.Response:
        form = {"sha256": sha256(YEAR.encode()).hexdigest(), "sure": "yes", **more}
        return await self.post(who, f"/years/{KEY}", form, status)


async def ready(desk: Desk, *contacts: str) -> None:
    """Units are there, the year is a draft."""
    await desk.upload(PROVINCE, "units", UNITS)
    await desk.upload(PROVINCE, "year", YEAR)
    for code in contacts:
        await desk.contact(code)
