"""Uploads that mean harm, and workbooks that we write: in a process of their own with bounded memory and time."""

import io
import time
import zipfile
from datetime import date

import openpyxl
import xlsxwriter

from deploy.demo import roster
from services.enrolment.imports.service import words
from services.enrolment.rosters import service as rosters
from services.enrolment.rosters.domain import Sheet
from services.enrolment.workbooks import service as workbooks
from tests.integration.enrolment.ground import TEXTS

WORDS = words(TEXTS)
TODAY = date(2021, 7, 20)


async def read(content: bytes) -> Sheet:
    return await rosters.read(content, WORDS, TODAY)


def rezipped(content: bytes, name: str, replaced: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, replaced if entry == name else old.read(entry))
    return packed.getvalue()


async def test_a_roster_is_read_with_the_rows_of_the_file() -> None:
    people = roster.teachers(24)
    sheet = await read(roster.workbook(people))
    assert [r.row for r in sheet.rows] == list(range(2, 26))
    assert [r.row for r in sheet.rows if r.findings] == [8, 14, 20]
    assert sheet.rows[0].number == people[0].id_number


async def test_an_archive_that_unpacks_to_too_much_is_refused_by_its_directory() -> None:
    bomb = rezipped(roster.workbook(roster.teachers(1), bad=False), "xl/worksheets/sheet1.xml", bytes(40_000_000))
    assert len(bomb) < 100_000
    assert workbooks.bomb(bomb) == "roster-too-large"
    assert (await read(bomb)).problem == "roster-too-large"


async def test_a_sheet_that_claims_seventeen_thousand_million_cells_ends_in_its_own_process() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "姓名")
        sheet.write(1_048_575, 16_383, "x")
    began = time.monotonic()
    assert (await read(out.getvalue())).problem in {"roster-too-large", "roster-unreadable"}
    assert time.monotonic() - began < workbooks.SECONDS


async def test_entities_are_not_expanded() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "'
        + b"&a;" * 9
        + b'">]><worksheet>&b;</worksheet>'
    )
    harm = rezipped(roster.workbook(roster.teachers(1), bad=False), "xl/worksheets/sheet1.xml", laughs)
    assert (await read(harm)).problem is not None
    assert await rosters.annotate(harm, [workbooks.Note(2, 1, "x")], 1, "x") is None


async def test_notes_stand_beside_the_uploaders_own_cells_and_are_never_formulas() -> None:
    notes = [workbooks.Note(3, 1, "=1+1"), workbooks.Note(3, 2, "phone"), workbooks.Note(4, None, "@row")]
    content = await rosters.annotate(roster.workbook(roster.teachers(3), bad=False), notes, 1, "=notes")
    assert content is not None
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    last = sheet.max_column
    assert [sheet.cell(r, last).data_type for r in (1, 3, 4)] == ["s", "s", "s"]
    assert [sheet.cell(r, last).value for r in (1, 2, 3, 4)] == ["=notes", None, "=1+1 phone", "@row"]
    assert [getattr(sheet.cell(3, c).comment, "text", None) for c in (1, 2, 3)] == [None, "=1+1", "phone"]
    assert sheet.cell(3, 1).value == roster.teachers(3)[1].name


async def test_the_template_is_understood_and_keeps_numbers_as_text() -> None:
    for lang in ("zh", "en"):
        headings = [TEXTS.get(lang, f"rosters.columns.{c}").split("|")[0] for c in ("name", "id_number", "phone")]
        template = workbooks.template(headings, {1, 2}, "Roster")
        assert (await read(template)).problem == "roster-empty"
        sheet = openpyxl.load_workbook(io.BytesIO(template)).worksheets[0]
        assert sheet.column_dimensions["B"].width > 20
