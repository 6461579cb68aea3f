"""One row on its way from cells to fields. Everything that is wrong is told, not only the first mistake."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.enrolment.people.domain import Finding, IdNumber, mask_id, read_email, read_id, read_name, read_phone
from services.enrolment.rosters.domain.cells import Cell, first_day, normalise, text_of
from services.enrolment.rosters.domain.sheet import CellFinding, Row, Words

BACKBONE: Final = "teaching_backbone"
_BETWEEN: Final = re.compile(r"[,;/\u3001\uff0c\uff1b]")
_MOST_YEARS: Final = 60
_EXACT: Final = 10**15
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?E\+\d+")
_YEARS: Final = re.compile(r"(\d{1,2})[\u4e00-\u9fff]?")


class Reader:
    """One row on its way from cells to fields; collects what is wrong."""

    def __init__(
        self, number: int, cells: Sequence[Cell], columns: Mapping[str, int], words: Words, today: date
    ) -> None:
        self._number, self._cells, self._columns, self._words, self._today = number, cells, columns, words, today
        self._found: list[CellFinding] = []

    def row(self) -> Row:
        identity = self._identity()
        return Row(
            row=self._number,
            name=self._read("name", read_name) or "",
            number=identity.number if identity else "",
            born_on=identity.born_on if identity else None,
            phone=self._read("phone", read_phone, needed=True),
            email=self._read("email", read_email),
            school=text_of(self._cell("school")) or text_of(self._cell("school_name")),
            id_column=self._columns.get("id_number"),
            school_column=self._columns.get("school", self._columns.get("school_name")),
            teaching_since=self._since(),
            marks=[BACKBONE] if self._backbone() else [],
            roles=self._keys("role", self._words.roles),
            stages=self._keys("stage", self._words.stages),
            trainer_since=self._day("trainer_since", "trainer-since-invalid"),
            findings=self._found,
        )

    def _cell(self, field: str) -> Cell:
        column = self._columns.get(field)
        return self._cells[column] if column is not None and column < len(self._cells) else None

    def _wrong(self, field: str, code: str, value: str = "", vars_: Mapping[str, Any] | None = None) -> None:
        column = self._columns.get(field)
        self._found.append(CellFinding(field=field, column=column, code=code, value=value, vars=dict(vars_ or {})))

    def _read(self, field: str, read: Callable[[str], str | Finding], *, needed: bool = False) -> str | None:
        text = text_of(self._cell(field))
        if not text and not needed and field != "name":
            return None
        answer = read(text)
        if isinstance(answer, Finding):
            self._wrong(field, answer.code, text, answer.vars)
            return None
        return answer

    def _identity(self) -> IdNumber | None:
        cell = self._cell("id_number")
        text = text_of(cell)
        if rounded := _rounded(cell):
            self._wrong("id_number", "id-as-number", rounded)
            return None
        answer = read_id(text, self._today)
        if isinstance(answer, Finding):
            self._wrong("id_number", answer.code, mask_id(text) if text else "", answer.vars)
            return None
        return answer

    def _since(self) -> date | None:
        years = self._cell("teaching_years")
        if text_of(self._cell("teaching_since")):
            return self._day("teaching_since", "teaching-since-invalid")
        return self._years_ago(text_of(years)) if text_of(years) else None

    def _day(self, field: str, code: str) -> date | None:
        cell = self._cell(field)
        if not text_of(cell):
            return None
        day = first_day(cell)
        if day is None or day > self._today:
            self._wrong(field, code, text_of(cell))
            return None
        return day

    def _keys(self, field: str, known: Mapping[str, str]) -> list[str]:
        """The keys of the words in a cell; a name may hold the sign that also stands between names."""
        text = text_of(self._cell(field))
        words = [text] if normalise(text) in known else [w for w in _BETWEEN.split(text) if w.strip()]
        if strange := [w.strip() for w in words if normalise(w) not in known]:
            self._wrong(field, f"{field}-not-of-year", text, {"word": strange[0]})
            return []
        return list(dict.fromkeys(known[normalise(w)] for w in words))

    def _years_ago(self, text: str) -> date | None:
        typed = _YEARS.fullmatch(unicodedata.normalize("NFKC", text))
        years = int(typed[1]) if typed else _MOST_YEARS + 1
        if years > _MOST_YEARS:
            self._wrong("teaching_years", "teaching-years-invalid", text)
            return None
        day = self._today
        return date(day.year - years, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)

    def _backbone(self) -> bool:
        text = normalise(text_of(self._cell("backbone")))
        if text and text not in self._words.yes and text not in self._words.no:
            self._wrong("backbone", "yes-or-no", text)
        return text in self._words.yes


def _rounded(cell: Cell) -> str:
    """A number of more than 15 digits as the sheet shows it: the digits that followed are gone, so none is guessed."""
    if isinstance(cell, str):
        shown = unicodedata.normalize("NFKC", cell).strip().upper()
        return shown if _SCIENTIFIC.fullmatch(shown) else ""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        return f"{float(cell):.4E}"
    return ""
