"""A published year on a real database: units with contacts, quota down to one school, people. All data are synthetic."""

import base64
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.enrolment.people.domain import NewPerson, check_digit
from services.enrolment.people.store import Seal, lock_known, write
from services.enrolment.places.domain import Decision
from services.enrolment.places.service import Selection, select
from services.enrolment.programmes import service as programmes
from services.enrolment.programmes.store import Programme
from services.enrolment.quota.service import Ask, pass_down
from services.enrolment.units import service as units
from shared.auth import Grant, Principal
from shared.context import Context
from shared.db import Connection, Database
from shared.policy import Policy, UnitsFile, load, load_units
from shared.texts import Texts
from shared.units import Unit, units_by_code

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "deploy" / "policies"
TEXTS = Texts.load(ROOT / "services" / "enrolment" / "texts.yaml")
CIVIL = ZoneInfo("Asia/Shanghai")
SEAL = Seal(base64.urlsafe_b64encode(bytes(32)).decode())
KEY, COHORT, SCHOOL = "henan-2021", "rural-teacher", "410183-s001"
UNITS = ("410000", "410100", "410183", "410183-s001", "410183-s002", "inst-001")


def at(month: int, day: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2021, month, day, hour, minute, second, tzinfo=CIVIL)


def context(now: datetime | None = None) -> Context:
    return Context(
        now=now or at(7, 20), actor="tester", source="enrolment", correlation_id="c", traceparent="00-0-0-00"
    )


def officer(role: str, unit: Unit | None, code: str) -> Principal:
    return Principal(role, role, (Grant(role, code, unit.unit_id if unit else None, unit.path if unit else None),))


def id_number(serial: int) -> str:
    body = f"410183{1975 + serial // 1000 % 20}0301{serial % 1000:03d}"
    return body + check_digit(body)


@dataclass
class Ground:
    """The database and what stands in it."""

    db: Database
    units: dict[str, Unit]

    def as_(self, role: str, code: str) -> Principal:
        return officer(role, self.units[code], code)

    async def programme(self, con: Connection, key: str = KEY) -> Programme:
        return await programmes.published(con, key)

    async def pass_down(self, source: str, places: dict[str, int], now: datetime | None = None) -> dict[str, Any]:
        role = {"410100": "city", "410183": "county"}[source]
        ask = Ask(key=KEY, cohort=COHORT, unit=source, places=places)
        async with self.db.write() as con:
            return await pass_down(con, context(now), self.as_(role, source), ask, TEXTS)

    async def quota(self, places: int = 20) -> None:
        async with self.db.write() as con:  # more than the policy's 20, where a test needs many
            await con.execute(
                "update quota_cell set places = greatest(places, $1) where parent_cell_id is null", places
            )
        await self.pass_down("410100", {"410183": places})
        await self.pass_down("410183", {SCHOOL: places})

    async def people(self, number: int, school: str = SCHOOL, first: int = 0, **changes: Any) -> list[str]:
        usual: dict[str, Any] = {
            "born_on": date(1985, 3, 1),
            "teaching_since": date(2010, 9, 1),
            "marks": ["teaching_backbone"],
        }
        unit = self.units[school]
        new = [
            NewPerson(number=id_number(i), name=f"测试{i}", unit_id=unit.unit_id,
                      unit_path=unit.path, phone=f"1390000{i:04d}", **usual | changes)
            for i in range(first, first + number)
        ]  # fmt: skip
        hashed = {SEAL.hash(p.number): p for p in new}
        async with self.db.write() as con:
            ids = await write(con, hashed, await lock_known(con, hashed), SEAL, at(7, 20))
        return [ids[h] for h in hashed]

    async def select(self, people: list[str], now: datetime | None = None, **more: Any) -> Decision:
        async with self.db.write() as con:
            ask = Selection(programme=await self.programme(con), cohort=COHORT, person_ids=people, **more)
            return await select(con, context(now), ask)

    async def count(self, what: str, *arguments: Any) -> int:
        async with self.db.system() as con:
            number: int = await con.fetchval(f"select count(*) from {what}", *arguments)
        return number

    async def events(self, topic: str) -> list[dict[str, Any]]:
        async with self.db.system() as con:
            rows = await con.fetch("select headers, payload from outbox where topic = $1 order by seq", topic)
        return [{**msgspec.json.decode(r["headers"]), **msgspec.json.decode(r["payload"])} for r in rows]


@cache
def policy(key: str) -> tuple[str, Policy]:
    source = (POLICIES / f"{key}.yaml").read_text("utf-8")
    return source, load(source)


@cache
def units_file() -> UnitsFile:
    return load_units((POLICIES / "units-henan.yaml").read_text("utf-8"))


async def lay(db: Database, source: str = "") -> Ground:
    """Units, contacts, the published year; ``source`` is another text of that year's policy."""
    file = units_file()
    async with db.write() as con:
        await units.import_units(con, context(at(7, 15)), officer("province", None, "410000"), file, TEXTS)
        known = await units_by_code(con, [u.code for u in file.units])
    ground = Ground(db, known)
    province = ground.as_("province", "410000")
    asks = [units.ContactAsk(unit=c, name="示例联系人", email=f"{c}@example.invalid") for c in UNITS]
    async with db.write() as con:
        await units.set_contacts(con, context(at(7, 15)), province, asks)
    await publish(ground, KEY, source)
    return ground


async def publish(ground: Ground, key: str, source: str = "") -> dict[str, Any]:
    source, read = (source, load(source)) if source else policy(key)
    province = ground.as_("province", "410000")
    async with ground.db.write() as con:
        await programmes.draft(con, context(at(7, 16)), province, read, source)
        return await programmes.publish(con, context(at(7, 16)), province, key, TEXTS)
