"""A list of units as typed: which column is which, and what each row says."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from services.enrolment.rosters.domain import normalise

COLUMNS: Final = ("code", "name", "kind", "superior")
HEADER_ROWS: Final = 10
MAX_ROWS: Final = 20_000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row with the number it has in the file; each cell without the blanks around it."""

    row: int
    code: str
    name: str
    kind: str
    superior: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of a list, or the problem that kept it from being read."""

    lines: list[Line] = []
    problem: str | None = None
    vars: dict[str, Any] = {}


def read_lines(grid: Sequence[Sequence[str]], headings: Mapping[str, Sequence[str]]) -> Listing:
    """The rows below the header; ``headings`` gives each column's spellings. Every column is needed, in any order."""
    found = _header(grid, headings)
    if found is None:
        return Listing(problem="list-without-header", vars={"columns": list(COLUMNS)})
    at, columns = found
    lines = [_line(i + 1, cells, columns) for i, cells in enumerate(grid) if i > at and any(c.strip() for c in cells)]
    if not lines:
        return Listing(problem="list-empty")
    if len(lines) > MAX_ROWS:
        return Listing(problem="list-too-long", vars={"rows": len(lines), "most": MAX_ROWS})
    return Listing(lines=lines)


def _header(
    grid: Sequence[Sequence[str]], headings: Mapping[str, Sequence[str]]
) -> tuple[int, Mapping[str, int]] | None:
    columns_of = {normalise(word): column for column, words in headings.items() for word in words}
    for at, cells in enumerate(grid[:HEADER_ROWS]):
        columns: dict[str, int] = {}
        for position, cell in enumerate(cells):
            column = columns_of.get(normalise(cell))
            if column:
                columns.setdefault(column, position)
        if all(column in columns for column in COLUMNS):
            return at, columns
    return None


def _line(row: int, cells: Sequence[str], columns: Mapping[str, int]) -> Line:
    def cell(column: str) -> str:
        at = columns[column]
        return cells[at].strip() if at < len(cells) else ""

    def code(column: str) -> str:
        return unicodedata.normalize("NFKC", cell(column)).strip()

    return Line(row=row, code=code("code"), name=cell("name"), kind=cell("kind"), superior=code("superior"))
