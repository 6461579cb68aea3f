"""A published year in an empty enrolment database, with a county of many schools that share 10,000 places. Synthetic."""

import io
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from bench.events import CONTEXT
from deploy.demo import roster
from deploy.local.paths import ROOT
from services.enrolment.programmes import service as programmes
from services.enrolment.programmes.store import Programme
from services.enrolment.quota.service import Ask, pass_down
from services.enrolment.units import service as units
from shared.auth import Grant, Principal
from shared.context import Context
from shared.db import Connection, Database
from shared.policy import load, load_units
from shared.texts import Texts
from shared.units import Unit, units_by_code

YEAR, COHORT = "henan-2021", "rural-teacher"
PROVINCE, CITY, COUNTY = "410000", "410100", "410183"
SCHOOLS, OF_SCHOOL = 100, 100
ROWS = SCHOOLS * OF_SCHOOL
POLICIES = ROOT / "deploy" / "policies"
TEXTS = Texts.load(Path(ROOT / "services" / "enrolment" / "texts.yaml"))
NOW = datetime(2021, 7, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def school(number: int) -> str:
    return f"{COUNTY}-b{number:03d}"


def context() -> Context:
    return replace(CONTEXT, now=NOW)


def officer(role: str, code: str, unit: Unit | None = None) -> Principal:
    return Principal(role, role, (Grant(role, code, unit.unit_id if unit else None, unit.path if unit else None),))


async def lay(db: Database) -> Programme:
    """Units, contacts, the published year, quota down to every school."""
    async with db.write() as con:
        known = await _units(con)
        province = officer("province", PROVINCE, known[PROVINCE])
        asks = [units.ContactAsk(unit=code, name="B", email=f"{code}@example.invalid") for code in known]
        await units.set_contacts(con, context(), province, asks)
        source = (POLICIES / f"{YEAR}.yaml").read_text("utf-8")
        await programmes.draft(con, context(), province, load(source), source)
        await programmes.publish(con, context(), province, YEAR, TEXTS)
        await con.execute("update quota_cell set places = $1", ROWS)  # the policy's own number is a school's
    shares = {school(i): OF_SCHOOL for i in range(SCHOOLS)}
    for role, code, places in (("city", CITY, {COUNTY: ROWS}), ("county", COUNTY, shares)):
        async with db.write() as con:
            ask = Ask(key=YEAR, cohort=COHORT, unit=code, places=places)
            await pass_down(con, context(), officer(role, code, known[code]), ask, TEXTS)
    async with db.write() as con:
        return await programmes.published(con, YEAR)


async def _units(con: Connection) -> dict[str, Unit]:
    """The units of the demonstration, and the schools."""
    text = (POLICIES / "units-henan.yaml").read_text("utf-8")
    more = [f'  - {{code: "{school(i)}", system: own, kind: school, reports_to: "{COUNTY}", school_kind: township, '
            f"rural: true, synthetic: true, names: {{zh: B{i}, en: B{i}}}}}\n" for i in range(SCHOOLS)]  # fmt: skip
    head, mark, tail = text.partition("units:\n")
    file = load_units(head + mark + "".join(more) + tail)
    await units.import_units(con, context(), officer("province", PROVINCE), file, TEXTS)
    return await units_by_code(con, [PROVINCE, CITY, COUNTY, "inst-001", *(school(i) for i in range(SCHOOLS))])


def workbook() -> bytes:
    """A roster of 10,000 teachers, nobody twice, all of whom meet the conditions."""
    different = {t.id_number: t for t in roster.teachers(ROWS + 200)}
    yes = TEXTS.get("zh", "rosters.yes").split("|")[0]
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, roster.HEADERS)
        for i, t in enumerate(islice(different.values(), ROWS)):
            sheet.write_row(i + 1, 0, [t.name, t.id_number, t.phone, t.email, school(i // OF_SCHOOL), 8, yes])
    return packed.getvalue()
