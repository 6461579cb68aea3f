"""Files into cells: encodings, quotes, merged cells, and what is refused by its first bytes."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest

from services.enrolment.grids.domain import decoded, filled, plain, refusal
from services.enrolment.grids.service import other_sheets, read
from tests.support import messy

COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500)
LOCKED = COMPOUND + "EncryptedPackage".encode("utf-16-le")


def book(*sheets: tuple[str, Sequence[Sequence[Any]], str], merged: str = "") -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows, state in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = state
        if merged:
            sheet.merge_cells(merged)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_a_csv_file_says_the_same_in_every_encoding(encoding: str) -> None:
    grid = read("姓名,学校\r\n陈样例,示例乡中心小学\r\n".encode(encoding))
    assert (grid.problem, grid.rows) == (None, [["姓名", "学校"], ["陈样例", "示例乡中心小学"]])


def test_a_name_outside_gbk_survives_gb18030() -> None:
    assert read("姓名\n𬱖·㐀\n".encode("gb18030")).rows == [["姓名"], ["𬱖·㐀"]]


def test_quotes_commas_and_line_breaks_stand_inside_a_cell() -> None:
    assert read(b'a,"b, ""c""\nd"\r\n1,2').rows == [["a", 'b, "c"\nd'], ["1", "2"]]


@pytest.mark.parametrize(
    ("typed", "meant"), [('="0012"', "0012"), ("'0012", "0012"), ("0012\t", "0012"), ("=1+1", "=1+1"), ('a"b"', 'a"b"')]
)
def test_digits_that_an_export_protects_are_the_digits(typed: str, meant: str) -> None:
    assert plain(typed) == meant


def test_bytes_of_no_encoding_name_the_line_that_stopped_them() -> None:
    content = "姓名,学校\n陈样例,示例\n".encode() + b"\xff\xfe,\n"
    assert decoded(content) == 3
    assert (read(content).problem, read(content).vars) == ("roster-bad-bytes", {"line": 3})


def test_a_quote_without_a_partner_is_told_and_not_swallowed() -> None:
    grid = read(b'a,b\n1,"2\n3,4\n')
    assert (grid.problem, grid.rows) == ("roster-broken-csv", ())
    assert grid.vars["line"] >= 2


def test_every_cell_under_a_merged_one_says_what_it_says() -> None:
    rows = [["title", "", ""], ["a", "b", ""], ["", "c", "d"]]
    assert filled(rows, [((0, 0), (0, 2)), ((1, 0), (2, 0))]) == [["title"] * 3, ["a", "b", ""], ["a", "c", "d"]]
    assert filled(rows, [((9, 0), (9, 2)), ((0, 9), (0, 10))]) == rows
    assert rows[2][0] == ""


def test_the_first_sheet_that_the_sender_sees_is_read_and_the_others_are_offered() -> None:
    content = book(
        ("选项", [["是"]], "hidden"), ("说明", [["填表说明"], ["x"]], "visible"), ("名册", [["姓名"]], "visible")
    )
    grid = read(content)
    assert (grid.sheet, grid.rows) == ("说明", [["填表说明"], ["x"]])
    assert list(other_sheets(content, 1)) == [("名册", [["姓名"]])]
    assert read(book(("S", [["a", None], [None, 1]], "visible"), merged="A1:B1")).rows == [["a", "a"], ["", 1.0]]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("名册.xls", COMPOUND, "roster-wrong-kind"),
        ("名册", b"PK", "roster-wrong-kind"),
        ("名册.csv", b"", "roster-zero-bytes"),
        ("名册.xlsx", LOCKED, "roster-locked"),
        ("名册.xlsx", COMPOUND, "roster-old-workbook"),
        ("名册.csv", COMPOUND, "roster-old-workbook"),
        ("名册.xlsx", b"%PDF-1.4", "roster-not-workbook"),
        ("名册.XLSX", b"PK\x03\x04", None),
        ("名册.csv", "姓名".encode(), None),
    ],
)
def test_a_file_is_refused_by_its_name_and_first_bytes(name: str, content: bytes, problem: str | None) -> None:
    assert refusal(name, content) == problem


def test_an_archive_that_is_no_workbook_says_so() -> None:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert read(out.getvalue()).problem == "roster-not-workbook"
    assert read(b"PK\x03\x04 no archive").problem == "roster-unreadable"


def test_the_messy_roster_is_read_with_its_merged_cells() -> None:
    people = [messy.line("陈样例", messy.number(date(1985, 3, n + 1)), n, None if n else messy.TOWN) for n in range(3)]
    grid = read(messy.workbook(people))
    assert [row[1] for row in grid.rows[4:7]] == [messy.TOWN] * 3
    assert grid.rows[3][2:6] == ["教师姓名", "身份证号码（必填）", "手机号码", "邮箱"]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-be"])
def test_a_file_is_read_with_the_separator_and_the_encoding_that_a_desktop_wrote(sign: str, encoding: str) -> None:
    lines = [
        ["名册，2021"],
        ["姓名", "身份证号", "手机号", "备注"],
        ["陈样例", "1", "2", f"a{sign}b"],
        ["孙样例", "3", "4", "c,d;e"],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=sign).writerows(lines)
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    grid = read(mark + out.getvalue().encode(encoding))
    assert (grid.problem, grid.rows) == (None, lines)


def test_one_endless_line_is_told_like_any_broken_file() -> None:
    assert read(b"a" * 200_000).problem == "roster-broken-csv"


def test_a_wide_file_that_breaks_off_names_its_line() -> None:
    assert read("姓名\n陈".encode("utf-16")[:-1]).vars == {"line": 2}
