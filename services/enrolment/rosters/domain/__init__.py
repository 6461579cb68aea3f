"""Reading a roster: which column is which, and what each row says. Every row is judged, whatever is wrong with others."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from services.enrolment.people.domain import mask_id
from services.enrolment.rosters.domain.cells import Cell, normalise, text_of
from services.enrolment.rosters.domain.row import Reader
from services.enrolment.rosters.domain.sheet import CellFinding, Row, Sheet, Words

__all__ = ["Cell", "CellFinding", "Row", "Sheet", "Words", "normalise", "read_sheet"]

HEADER_ROWS: Final = 10
MAX_ROWS: Final = 10_000
REQUIRED: Final = ("name", "id_number", "phone")


def read_sheet(grid: Sequence[Sequence[Cell]], words: Words, today: date) -> Sheet:
    """Judge a grid that begins at the sheet's cell A1."""
    found = _header(grid, words)
    if found is None:
        return Sheet(problem="roster-without-header", vars={"columns": list(REQUIRED)})
    at, columns = found
    filled = [(i + 1, cells) for i, cells in enumerate(grid) if i > at and any(text_of(c) for c in cells)]
    if not filled:
        return Sheet(problem="roster-empty")
    if len(filled) > MAX_ROWS:
        return Sheet(problem="roster-too-long", vars={"rows": len(filled), "most": MAX_ROWS})
    rows = [Reader(number, cells, columns, words, today).row() for number, cells in filled]
    return Sheet(rows=_without_twins(rows, columns), header_row=at + 1, width=max(len(cells) for cells in grid))


def _header(grid: Sequence[Sequence[Cell]], words: Words) -> tuple[int, Mapping[str, int]] | None:
    fields = {normalise(alias): field for field, aliases in words.columns.items() for alias in aliases}
    for at, cells in enumerate(grid[:HEADER_ROWS]):
        columns: dict[str, int] = {}
        for position, cell in enumerate(cells):
            field = fields.get(normalise(text_of(cell)))
            if field:
                columns.setdefault(field, position)
        if all(field in columns for field in REQUIRED):
            return at, columns
    return None


def _without_twins(rows: Sequence[Row], columns: Mapping[str, int]) -> list[Row]:
    """The second row of the same number is a mistake of its own; the first stays."""
    first: dict[str, int] = {}
    judged = []
    for row in rows:
        seen = first.setdefault(row.number, row.row) if row.number else row.row
        judged.append(row if seen == row.row else _twin(row, seen, columns["id_number"]))
    return judged


def _twin(row: Row, first_row: int, column: int) -> Row:
    found = CellFinding(field="id_number", column=column, code="id-twice", value=mask_id(row.number), vars={"first_row": first_row})  # fmt: skip
    return msgspec.structs.replace(row, findings=[*row.findings, found])
