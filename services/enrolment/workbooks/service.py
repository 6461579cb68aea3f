"""Workbooks, handled in a process of their own with bounded memory and time: an upload is never trusted.

``python -m services.enrolment.workbooks.service`` reads one request from its standard input and writes one answer. It
imports little, so that it starts quickly, and gets no environment, so that no secret stands beside the upload.
"""

import csv
import io
import resource
import sys
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from services.enrolment.rosters.domain import Cell, Sheet, Words, read_sheet
from services.enrolment.rosters.domain.cells import text_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MEMORY: Final = 1_500_000_000
SECONDS: Final = 60
MAX_BYTES: Final = 20_000_000
MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 300_000_000
MAX_RATIO: Final = 200
RATIO_FROM: Final = 10_000_000
PACKED: Final = b"PK"
ENCODINGS: Final = ("utf-8-sig", "gb18030")
RED: Final = "FFFBE6E6"
COLUMN_WIDTH: Final = 22


class Note(msgspec.Struct, frozen=True):
    """What is written beside one row; ``column`` counts from 0, None where no cell is to blame."""

    row: int
    column: int | None
    text: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked: to read a roster, to write notes into one, or what stands in any sheet."""

    act: Literal["read", "annotate", "grid"]
    content: bytes
    words: Words | None = None
    today: date | None = None
    notes: list[Note] = []
    header_row: int = 1
    heading: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the process answers."""

    sheet: Sheet | None = None
    content: bytes = b""
    grid: list[list[str]] | None = None


def bomb(content: bytes) -> str | None:
    """The problem of an archive that would unpack to too much, told by its directory alone."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        return "roster-unreadable"
    unpacked = sum(e.file_size for e in entries)
    packed = sum(e.compress_size for e in entries) or 1
    dense = unpacked > RATIO_FROM and unpacked / packed > MAX_RATIO
    return "roster-too-large" if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or dense else None


def answer(request: Request) -> Answer:
    """Do what is asked, in the bounded process."""
    if request.act == "grid" and not request.content.startswith(PACKED):
        return Answer(grid=_rows_of_text(request.content))
    problem = bomb(request.content)
    if problem:
        return Answer(sheet=Sheet(problem=problem))
    if request.act == "annotate":
        return Answer(content=_write_notes(request))
    grid = _grid(request.content)
    if request.act == "grid":
        return Answer(grid=None if grid is None else [[text_of(cell) for cell in row] for row in grid])
    if request.words is None or request.today is None:
        raise ValueError("reading needs words and a day")
    return Answer(
        sheet=Sheet(problem="roster-unreadable") if grid is None else read_sheet(grid, request.words, request.today)
    )


def _grid(content: bytes) -> Sequence[Sequence[Cell]] | None:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, IndexError):
        return None


def _rows_of_text(content: bytes) -> list[list[str]] | None:
    """Comma-separated rows in UTF-8, or in what a Chinese desktop writes instead; None for anything else."""
    for encoding in ENCODINGS:
        with suppress(UnicodeDecodeError, csv.Error):
            return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), strict=True))
    return None


def _write_notes(request: Request) -> bytes:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(request.content))
    sheet: Worksheet = book.worksheets[0]
    last = sheet.max_column + 1
    _put(sheet, request.header_row, last, request.heading)
    for note in request.notes:
        if note.column is not None:
            _mark(sheet.cell(note.row, note.column + 1), note.text)
        before = sheet.cell(note.row, last).value
        _put(sheet, note.row, last, f"{before} {note.text}" if before else note.text)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _mark(cell: Any, text: str) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", fgColor=RED)
    if not isinstance(cell, MergedCell):
        cell.comment = Comment(text, "Shipei")


def _put(sheet: "Worksheet", row: int, column: int, text: str) -> None:
    """Write text as text: a value that begins like a formula stays a value."""
    cell: Any = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"


def template(headings: list[str], text_columns: set[int], title: str) -> bytes:
    """An empty roster; ID and phone columns are text, or the sheet turns the numbers into 4.1E+17."""
    import xlsxwriter

    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title)
    bold, text = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"num_format": "@"})
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, COLUMN_WIDTH, text if column in text_columns else None)
        sheet.write_string(0, column, heading, bold)
    sheet.freeze_panes(1, 0)
    book.close()
    return packed.getvalue()


def main() -> None:
    """Bound this process, then answer one request."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Request)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(request)))


if __name__ == "__main__":
    main()
