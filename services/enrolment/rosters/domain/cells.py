"""What a cell of a workbook says, however it was typed."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final

Cell = str | float | int | bool | date | datetime | time | timedelta | None
_YEAR_MONTH: Final = re.compile(r"(\d{4})\D(\d{1,2})(?:\D(\d{1,2}))?\D?")
_DECORATION: Final = re.compile(r"[\s*:()]+")
_BLANKS: Final = re.compile(r"[\s\u200b\ufeff]+")
_DIGITS: Final = re.compile(r"\d{6,8}")
_FIRST_MONTH: Final = 190_001
_FULL_DAY: Final = 19_000_101


def normalise(text: str) -> str:
    """Spelling of a heading or of yes and no: full width, blanks and case don't matter."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text)).casefold()


def same(text: str) -> str:
    """Spelling of a school's name or code for comparing: full width, blanks and case don't matter, brackets do."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def text_of(cell: Cell) -> str:
    """What a reader sees in the cell; a whole number has no decimals."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def first_day(cell: Cell) -> date | None:
    """A date cell, ``2010-09``, a year and month in words, or ``201009``; without a day the first is meant."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", text_of(cell))
    digits = int(text) if _DIGITS.fullmatch(text) else 0
    if digits >= _FULL_DAY:
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    elif digits >= _FIRST_MONTH:
        text = f"{text[:4]}-{text[4:]}"
    match = _YEAR_MONTH.fullmatch(text)
    if match is None or (isinstance(cell, float) and not cell.is_integer()):
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None
