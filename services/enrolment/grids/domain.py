"""What a file is, told by its first bytes, and what its merged cells and quoted values say."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from services.enrolment.rosters.domain.cells import Cell

KINDS: Final = (".xlsx", ".csv")
PACKED: Final = b"PK"
COMPOUND: Final = bytes.fromhex("d0cf11e0a1b11ae1")
LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
ENCODINGS: Final = ("utf-8-sig", "gb18030")
WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # the marks of UTF-16
_FORMULA: Final = re.compile(r'="(.*)"', re.DOTALL)

Corner = tuple[int, int]
"""Row and column of a cell, both from 0."""


def refusal(name: str, content: bytes) -> str | None:
    """The problem code of a file that can't be a roster, by its name and first bytes alone; None: worth reading.

    roster-wrong-kind, roster-zero-bytes, roster-locked, roster-old-workbook, roster-not-workbook.
    """
    if not name.lower().endswith(KINDS):
        return "roster-wrong-kind"
    if not content:
        return "roster-zero-bytes"
    if content.startswith(COMPOUND):
        return "roster-locked" if LOCKED in content else "roster-old-workbook"
    if name.lower().endswith(KINDS[0]) and not content.startswith(PACKED):
        return "roster-not-workbook"
    return None


def decoded(content: bytes) -> str | int:
    """The text of a CSV file in UTF-8, in the GB18030 that a Chinese desktop writes instead, or in marked UTF-16.

    In none of them: the number of the line that stopped the one that came farthest.
    """
    stopped = 0
    for encoding in ("utf-16",) if content.startswith(WIDE) else ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            stopped = max(stopped, error.start)
    return content.count(b"\n", 0, stopped) + 1


def plain(value: str) -> str:
    """What is meant by ``="0012"`` and ``'0012``, with which exports keep digits from becoming a number."""
    formula = _FORMULA.fullmatch(value.strip())
    return formula[1].replace('""', '"') if formula else value.strip().removeprefix("'")


def filled(rows: Sequence[Sequence[Cell]], merged: Iterable[tuple[Corner, Corner]]) -> list[list[Cell]]:
    """Every cell under a merged one says what the merged one says: one school beside ten teachers is the school of ten."""
    cells = [list(row) for row in rows]
    for (top, left), (bottom, right) in merged:
        if top >= len(cells) or left >= len(cells[top]):
            continue
        for row in cells[top : bottom + 1]:
            stop = min(right + 1, len(row))
            row[left:stop] = [cells[top][left]] * (stop - left)
    return cells
