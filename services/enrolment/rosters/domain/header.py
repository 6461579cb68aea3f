"""Which column is which: a header of one to three rows, somewhere in the first ten, however it is decorated."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from services.enrolment.rosters.domain.cells import Cell, normalise, text_of
from services.enrolment.rosters.domain.sheet import Words

HEADER_ROWS: Final = 10
MOST_HIGH: Final = 3
REQUIRED: Final = ("name", "id_number", "phone")
COLONS: Final = (":", "\uff1a")
PERSON: Final = ("name", "id_number")
_REMARK: Final = re.compile(r"[(\[【〔{<].*?[)\]】〕}>]", re.DOTALL)
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W_]+$")
_BETWEEN: Final = re.compile(r"[/|\n]+")

Grid = Sequence[Sequence[Cell]]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The last row of the header (from 0), the column of each field (from 0), and what the header says in that column."""

    row: int
    columns: Mapping[str, int]
    titles: Mapping[int, frozenset[str]]

    def holds(self, cells: Sequence[Cell]) -> bool:
        """Whether the row says something of a person: more than a running number, and more than a page's header again."""
        said = ((column, _at(cells, column)) for column in self.columns.values())
        return any(text and text not in self.titles[column] for column, text in said)


Meaning = tuple[int, str]
"""How usual the heading is for its field (0 is the template's own), and the field."""


class Known:
    """The headings that are understood, in any decoration."""

    def __init__(self, words: Words) -> None:
        self._fields: dict[str, Meaning] = {}
        for field, aliases in words.columns.items():
            for usual, alias in enumerate(aliases):
                self._fields.setdefault(normalise(alias), (usual, field))

    def means(self, text: str) -> Meaning | None:
        """The field that a heading stands for: as it is, without remarks and marks around it, or by one of its two languages."""
        parts = _BETWEEN.split(text) if _BETWEEN.search(text) else []
        return next((m for t in (text, *parts) for s in _spellings(t) if (m := self._fields.get(s))), None)


def _spellings(text: str) -> Sequence[str]:
    bare = _REMARK.sub("", unicodedata.normalize("NFKC", text))
    return normalise(text), normalise(_AROUND.sub("", bare.strip()))


def _is(meaning: Meaning | None, field: str) -> bool:
    return meaning is not None and meaning[1] == field


def _at(cells: Sequence[Cell], column: int) -> str:
    return text_of(cells[column]) if column < len(cells) else ""


def find_header(grid: Grid, words: Words) -> Header | None:
    """The first row that names all required fields; else the lowest two or three rows that do so together.

    Rows above that name columns left open, and rows below that only tell more exactly what stands under a shared
    heading, belong to it.
    """
    known, top = Known(words), grid[:HEADER_ROWS]
    single = [(at, at) for at in range(len(top))]
    shared = [(at, at + high) for high in range(1, MOST_HIGH) for at in reversed(range(len(top) - high))]
    for first, last in [*single, *shared]:
        if _named(_columns(top[first : last + 1], known)):
            highest = _highest(top, first, last, known)
            return _header(grid, highest, _lowest(grid, highest, last, known), known)
    return None


def _header(grid: Grid, first: int, last: int, known: Known) -> Header:
    rows = grid[first : last + 1]
    columns = _columns(rows, known)
    titles = {c: frozenset(_at(row, c) for row in rows) for c in columns.values()}
    return Header(row=last, columns=columns, titles=titles)


def _named(columns: Mapping[str, int]) -> bool:
    return all(field in columns for field in REQUIRED)


def _highest(rows: Grid, first: int, last: int, known: Known) -> int:
    while first and last - first + 1 < MOST_HIGH:
        fewer, more = (_columns(rows[at : last + 1], known) for at in (first, first - 1))
        if not more.keys() > fewer.keys():
            break
        first -= 1
    return first


def _columns(rows: Grid, known: Known) -> Mapping[str, int]:
    """The column of each field; where two mean the same field, the one with the more usual heading, then the left one.

    The lowest row that is filled names a column: what stands above it is a heading shared with its neighbours.
    """
    heads = [row for row in rows[:-1] if not _of_form(row, known)] + [rows[-1]]
    best: dict[str, tuple[int, int]] = {}
    for column in range(max(map(len, heads))):
        text = next((t for row in reversed(heads) if (t := _at(row, column))), "")
        if meaning := known.means(text):
            usual, field = meaning
            best[field] = min(best.get(field, (usual, column)), (usual, column))
    return {field: column for field, (_, column) in best.items()}


def _of_form(cells: Sequence[Cell], known: Known) -> bool:
    """Whether the row belongs to the form ("Unit: …  Telephone: …"): all that it names is followed by a colon."""
    return all(t.endswith(COLONS) for cell in cells if known.means(t := text_of(cell)))


def _lowest(rows: Grid, first: int, last: int, known: Known) -> int:
    while last + 1 < len(rows) and last - first + 1 < MOST_HIGH:
        columns = _columns(rows[first : last + 1], known)
        if not _refines(rows[last + 1], columns, known) or not _named(_columns(rows[first : last + 2], known)):
            break
        last += 1
    return last


def _refines(cells: Sequence[Cell], columns: Mapping[str, int], known: Known) -> bool:
    """Whether the row names columns and no person."""
    nobody = all(not (t := _at(cells, columns[f])) or _is(known.means(t), f) for f in PERSON)
    return nobody and any(known.means(text_of(cell)) for cell in cells)
