"""Uploads that mean harm, and workbooks that we write: in a process of their own with bounded memory and time."""

import io
import resource
import sys
import time
import zipfile
from datetime import date

import msgspec
import openpyxl
import pytest
import xlsxwriter

from deploy.demo import roster
from services.enrolment.grids.service import MOST_LINES
from services.enrolment.grids.service import bomb as verdict
from services.enrolment.imports.service import words
from services.enrolment.rosters import service as rosters
from services.enrolment.rosters.domain import Sheet
from services.enrolment.workbooks import service as workbooks
from tests.integration.enrolment.ground import TEXTS
from tests.support import messy

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
    assert verdict(bomb) == "roster-too-large"
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
    assert await rosters.annotate(harm, [workbooks.Note(2, 1, "x")], 1, ["x"]) is None


async def test_notes_stand_beside_the_uploaders_own_cells_and_are_never_formulas() -> None:
    notes = [workbooks.Note(3, 1, "=1+1"), workbooks.Note(3, 2, "phone"), workbooks.Note(4, None, "@row")]
    content = await rosters.annotate(roster.workbook(roster.teachers(3), bad=False), notes, 1, ["=notes"])
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


PEOPLE = [
    messy.line("陈样例", messy.number(date(1985, 3, n + 1)), n, None if 0 < n < 3 else messy.TOWN) for n in range(4)
]


async def test_the_messy_workbook_is_judged_by_the_rows_that_the_sender_sees() -> None:
    people = [*PEOPLE, messy.line("孙样例", 410183198503010010, 5)]
    sheet = await read(messy.workbook(people))
    assert (sheet.problem, sheet.header_row) == (None, 4)
    assert [(r.row, r.school, [f.code for f in r.findings]) for r in sheet.rows] == [
        *[(row, messy.TOWN, []) for row in (5, 6, 7, 8)],
        (9, messy.TOWN, ["id-as-number"]),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_csv_file_comes_back_as_a_workbook_of_texts(encoding: str) -> None:
    people = [messy.line("=1+1", messy.number(date(1985, 3, 1)), 1), messy.line("孙样例\x07", "4.10183E+17", 2)]
    content = messy.text(people, encoding)
    assert [[f.code for f in r.findings] for r in (await read(content)).rows] == [[], ["id-as-number"]]
    answer = await rosters.annotate(content, [workbooks.Note(5, 3, "后3位已丢失")], 3, ["问题说明", "What to correct"])
    assert answer is not None
    sheet = openpyxl.load_workbook(io.BytesIO(answer)).worksheets[0]
    assert [c.value for c in sheet[3]] == [*messy.HEADINGS, "问题说明"]
    assert [sheet.cell(4, 3).value, sheet.cell(4, 3).data_type, sheet.cell(5, 3).value] == ["=1+1", "s", "孙样例"]
    assert sheet.cell(4, 4).value == people[0][2]
    assert sheet.cell(4, 4).number_format == sheet.cell(5, 4).number_format == "@"
    assert sheet.cell(5, 4).fill.fgColor.rgb == workbooks.RED
    assert sheet.cell(5, 9).value == "后3位已丢失"
    assert [[f.code for f in r.findings] for r in (await read(answer)).rows] == [[], ["id-as-number"]]


async def test_an_answer_that_is_sent_back_bears_the_marks_of_its_own_faults_only() -> None:
    first = await rosters.annotate(
        messy.workbook(PEOPLE), [workbooks.Note(5, 3, "a"), workbooks.Note(6, 4, "b")], 4, ["问题说明"]
    )
    assert first is not None
    second = await rosters.annotate(first, [workbooks.Note(6, 3, "c")], 4, ["What to correct", "问题说明"])
    assert second is not None
    sheet = openpyxl.load_workbook(io.BytesIO(second))["2021年汇总"]
    assert [sheet.cell(row, 9).value for row in range(4, 8)] == ["What to correct", None, "c", None]
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.fill.fgColor.rgb == workbooks.RED] == ["D6"]
    assert [c.coordinate for row in sheet.iter_rows() for c in row if getattr(c, "comment", None)] == ["D6"]
    assert sheet["C3"].fill.fgColor.rgb == "FFFFFF00"
    assert "B5:B7" in sheet.merged_cells


def plain_book(rows: int, *, first: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        if first:
            book.add_worksheet(first).write(0, 0, "填表说明")
        sheet = book.add_worksheet("Sheet2")
        sheet.write_row(0, 0, ["姓名", "身份证号", "手机号"])
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, ["陈样例", "x", "y"])
    return out.getvalue()


async def test_a_roster_on_another_sheet_is_named_and_not_guessed_at() -> None:
    sheet = await read(plain_book(1, first="说明"))
    assert (sheet.problem, sheet.vars) == ("roster-on-another-sheet", {"first": "说明", "sheet": "Sheet2"})
    assert sheet.rows == []


async def test_twenty_thousand_rows_are_told_how_many_files_they_take() -> None:
    text = "姓名,身份证号,手机号\n" + "陈样例,x,y\n" * 20_001
    for content in (plain_book(20_001), text.encode("gb18030")):
        sheet = await read(content)
        assert (sheet.problem, sheet.vars) == ("roster-too-long", {"rows": 20_001, "most": 10_000, "files": 3})


async def test_a_csv_file_with_more_lines_than_a_sheet_has_is_too_large() -> None:
    assert (await read(b"a\n" * (MOST_LINES + 1))).problem == "roster-too-large"


def test_the_process_tells_that_its_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: workbooks.Request) -> workbooks.Answer:
        raise MemoryError

    stdin = io.TextIOWrapper(io.BytesIO(msgspec.msgpack.encode(workbooks.Request(act="grid", content=b""))))
    monkeypatch.setattr(workbooks, "answer", full)
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(SystemExit) as ended:
        workbooks.main()
    assert ended.value.code == workbooks.OUT_OF_MEMORY
