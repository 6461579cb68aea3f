"""Workbooks, handled in a process of their own with bounded memory and time: an upload is never trusted.

``python -m services.enrolment.workbooks.service`` reads one request from its standard input and writes one answer. It
imports little, so that it starts quickly, and gets no environment, so that no secret stands beside the upload.

The annotated answer to a CSV file is a workbook. A CSV file has no cell to mark, and whoever opens one in a spreadsheet
program sees ID numbers turned into 4.1E+17 and saves them so: the answer would bring in the mistake that it tells of. In
the workbook every cell is text, and it is taken back like any other roster.
"""

import io
import resource
import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from services.enrolment.grids import service as grids
from services.enrolment.grids.domain import PACKED
from services.enrolment.rosters.domain import HEADER_ROWS, Cell, Sheet, Words, find_header, read_sheet
from services.enrolment.rosters.domain.cells import text_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MEMORY: Final = 1_500_000_000
SECONDS: Final = 60
OUT_OF_MEMORY: Final = 3
MAX_BYTES: Final = 20_000_000
AUTHOR: Final = "Shipei"
RED: Final = "FFFBE6E6"
COLUMN_WIDTH: Final = 22


class Note(msgspec.Struct, frozen=True):
    """What is written beside one row; ``column`` counts from 0, None where no cell is to blame."""

    row: int
    column: int | None
    text: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked: to read a roster, to write notes into one, or what stands in any sheet.

    ``headings`` are those of the column of notes: the first is written, an earlier answer may bear any.
    """

    act: Literal["read", "annotate", "grid"]
    content: bytes
    words: Words | None = None
    today: date | None = None
    notes: list[Note] = []
    header_row: int = 1
    headings: list[str] = []


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the process answers."""

    sheet: Sheet | None = None
    content: bytes = b""
    grid: list[list[str]] | None = None


def answer(request: Request) -> Answer:
    """Do what is asked, in the bounded process."""
    grid = grids.read(request.content)
    if grid.problem:
        return Answer(sheet=Sheet(problem=grid.problem, vars=grid.vars))
    if request.act == "grid":
        return Answer(grid=[[text_of(cell) for cell in row] for row in grid.rows])
    if request.act == "annotate":
        return Answer(content=_write_notes(request, grid))
    if request.words is None or request.today is None:
        raise ValueError("reading needs words and a day")
    sheet = read_sheet(grid.rows, request.words, request.today)
    return Answer(sheet=_elsewhere(request.content, request.words, grid) or sheet if sheet.problem else sheet)


def _elsewhere(content: bytes, words: Words, grid: grids.Grid) -> Sheet | None:
    """Where the first sheet holds no roster and another one does, the sender is told which one; it is not guessed at."""
    for name, rows in grids.other_sheets(content, HEADER_ROWS):
        if find_header(rows, words):
            return Sheet(problem="roster-on-another-sheet", vars={"first": grid.sheet, "sheet": name})
    return None


def _write_notes(request: Request, grid: grids.Grid) -> bytes:
    from openpyxl import Workbook, load_workbook

    typed = not request.content.startswith(PACKED)
    book = Workbook() if typed else load_workbook(io.BytesIO(request.content))
    sheet: Worksheet = book.worksheets[0] if typed else book[grid.sheet]
    if typed:
        _type(sheet, grid.rows)
    last = _cleared(sheet, request)
    for note in request.notes:
        if note.column is not None:
            _mark(sheet.cell(note.row, note.column + 1), note.text)
        before = sheet.cell(note.row, last).value
        _put(sheet, note.row, last, f"{before} {note.text}" if before else note.text)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _type(sheet: "Worksheet", rows: Sequence[Sequence[Cell]]) -> None:
    """The cells of a CSV file as text, so that no program makes numbers of them."""
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row, 1):
            if cell != "":
                _put(sheet, number, column, text_of(cell))
                sheet.cell(number, column).number_format = "@"


def _cleared(sheet: "Worksheet", request: Request) -> int:
    """The column of notes, empty under its heading: the one of an earlier answer, or a new one after all that is written."""
    widest = 0
    for row in sheet.iter_rows():
        for cell in row:
            _unmark(cell)
            widest = max(widest, cell.column if cell.value is not None else 0)
    heads = (c.column for c in sheet[request.header_row] if c.value in request.headings)
    last = next(heads, widest + 1)
    for number in range(request.header_row + 1, sheet.max_row + 1):
        if sheet.cell(number, last).value is not None:
            _put(sheet, number, last, None)
    _put(sheet, request.header_row, last, request.headings[0])
    return last


def _unmark(cell: Any) -> None:
    """Take off what an earlier answer marked: the sender corrects the answer itself and sends it back."""
    from openpyxl.styles import PatternFill

    if cell.fill.fgColor.rgb == RED:
        cell.fill = PatternFill()
    if getattr(cell, "comment", None) is not None and cell.comment.author == AUTHOR:
        cell.comment = None


def _mark(cell: Any, text: str) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", fgColor=RED)
    if not isinstance(cell, MergedCell):
        cell.comment = Comment(text, AUTHOR)


def _put(sheet: "Worksheet", row: int, column: int, text: str | None) -> None:
    """Write text as text: a value that begins like a formula stays a value; what no workbook may hold is left out."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell: Any = sheet.cell(row, column)
    cell.value = text and ILLEGAL_CHARACTERS_RE.sub("", text)
    if text:
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
    try:
        request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Request)
        sys.stdout.buffer.write(msgspec.msgpack.encode(answer(request)))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    main()
