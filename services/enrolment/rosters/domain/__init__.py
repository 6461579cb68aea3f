"""Reading a roster: which column is which, and what each row says. Every row is judged, whatever is wrong with others."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from services.enrolment.people.domain import mask_id
from services.enrolment.rosters.domain.cells import Cell, normalise, same
from services.enrolment.rosters.domain.footer import is_footer
from services.enrolment.rosters.domain.header import HEADER_ROWS, REQUIRED, Grid, find_header
from services.enrolment.rosters.domain.row import Reader
from services.enrolment.rosters.domain.sheet import CellFinding, Row, Sheet, Words

__all__ = ["HEADER_ROWS", "Cell", "CellFinding", "Row", "Sheet", "Words", "find_header", "normalise", "read_sheet", "same"]  # fmt: skip

MAX_ROWS: Final = 10_000


def read_sheet(grid: Grid, words: Words, today: date) -> Sheet:
    """Judge a grid that begins at the sheet's cell A1.

    Problems: roster-without-header, roster-empty, roster-too-long (with how many files it takes).
    """
    header = find_header(grid, words)
    if header is None:
        return Sheet(problem="roster-without-header", vars={"columns": list(REQUIRED), "most": HEADER_ROWS})
    of_people = ((i + 1, cells) for i, cells in enumerate(grid) if i > header.row and header.holds(cells))
    filled = [(number, cells) for number, cells in of_people if not is_footer(cells, header, words)]
    if not filled:
        return Sheet(problem="roster-empty", vars={"row": header.row + 1})
    if len(filled) > MAX_ROWS:
        return Sheet(problem="roster-too-long", vars={"rows": len(filled), "most": MAX_ROWS, "files": -(-len(filled) // MAX_ROWS)})  # fmt: skip
    rows = [Reader(number, cells, header.columns, words, today).row() for number, cells in filled]
    width = max(len(cells) for cells in grid)
    return Sheet(rows=_without_twins(rows), columns=dict(header.columns), header_row=header.row + 1, width=width)


def _without_twins(rows: Sequence[Row]) -> list[Row]:
    """The second row of the same number is a mistake of its own; the first stays."""
    first: dict[str, int] = {}
    judged = []
    for row in rows:
        seen = first.setdefault(row.number, row.row) if row.number else row.row
        judged.append(row if seen == row.row else _twin(row, seen))
    return judged


def _twin(row: Row, first_row: int) -> Row:
    found = CellFinding(field="id_number", column=row.id_column, code="id-twice", value=mask_id(row.number), vars={"first_row": first_row})  # fmt: skip
    return msgspec.structs.replace(row, findings=[*row.findings, found])
