"""Files into grids of cells, inside the bounded process: nothing here trusts the upload."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
import python_calamine

from services.enrolment.grids.domain import PACKED, decoded, filled, plain
from services.enrolment.rosters.domain.cells import Cell

MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 300_000_000
MAX_RATIO: Final = 200
RATIO_FROM: Final = 10_000_000
MOST_LINES: Final = 2**20  # what a sheet can hold
IN_WORKBOOKS: Final = "xl/"
SEPARATORS: Final = (",", "\t", ";")
LOOKED_AT: Final = 10
LOOKED_FAR: Final = 4_000  # all of them together stay below what one value may hold
NARROWEST: Final = 3


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """The first visible sheet from its cell A1, or the problem that kept it from being read. A CSV file has no sheet."""

    rows: Sequence[Sequence[Cell]] = ()
    sheet: str = ""
    problem: str | None = None
    vars: dict[str, Any] = {}


def read(content: bytes) -> Grid:
    """The cells of a workbook or of a CSV file.

    Problems: roster-too-large, roster-not-workbook, roster-unreadable, roster-bad-bytes, roster-broken-csv.
    """
    if not content.startswith(PACKED):
        return _text(content)
    problem = bomb(content)
    return Grid(problem=problem) if problem else _workbook(content)


def bomb(content: bytes) -> str | None:
    """The problem of an archive that is no workbook or would unpack to too much, told by its directory alone."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        return "roster-unreadable"
    unpacked = sum(e.file_size for e in entries)
    packed = sum(e.compress_size for e in entries) or 1
    dense = unpacked > RATIO_FROM and unpacked / packed > MAX_RATIO
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or dense:
        return "roster-too-large"
    return None if any(e.filename.lower().startswith(IN_WORKBOOKS) for e in entries) else "roster-not-workbook"


def other_sheets(content: bytes, most: int) -> Iterator[tuple[str, Sequence[Sequence[Cell]]]]:
    """Name and first ``most`` rows of each visible sheet but the first; a CSV file has none."""
    if content.startswith(PACKED):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in visible(book)[1:]:
            yield name, _cells(book.get_sheet_by_name(name))[:most]


def visible(book: python_calamine.CalamineWorkbook) -> list[str]:
    """The sheets that the sender sees; lists for drop-downs often stand in a hidden one before them."""
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]


def _workbook(content: bytes) -> Grid:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = visible(book)[0]
        return Grid(rows=_cells(book.get_sheet_by_name(name)), sheet=name)
    except (python_calamine.CalamineError, IndexError):
        return Grid(problem="roster-unreadable")


def _cells(sheet: python_calamine.CalamineSheet) -> Sequence[Sequence[Cell]]:
    rows: Sequence[Sequence[Cell]] = sheet.to_python(skip_empty_area=False)
    merged = sheet.merged_cell_ranges
    return filled(rows, merged) if merged else rows


def _text(content: bytes) -> Grid:
    text = decoded(content)
    if isinstance(text, int):
        return Grid(problem="roster-bad-bytes", vars={"line": text})
    if text.count("\n") > MOST_LINES:
        return Grid(problem="roster-too-large")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_separator(text))
    try:
        return Grid(rows=[[plain(value) for value in row] for row in reader])
    except csv.Error:
        return Grid(problem="roster-broken-csv", vars={"line": reader.line_num})


def _separator(text: str) -> str:
    """What parts the values: whatever makes the most of the first lines three values wide or more, else the comma.

    A roster has three columns at least, and a comma within a value makes one line wide, not all.
    """
    first = [line[:LOOKED_FAR] for line in islice(io.StringIO(text), LOOKED_AT)]
    wide = {sign: sum(len(row) >= NARROWEST for row in csv.reader(first, delimiter=sign)) for sign in SEPARATORS}
    return max(SEPARATORS, key=lambda sign: wide[sign])
