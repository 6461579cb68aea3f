"""A roster as a province gets it: CSV in GB18030 under a title, decorated headings, ID numbers typed by many hands."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from deploy.demo.roster import Teacher, checked
from deploy.demo.words import TEXTS, zh

HEADINGS: Final = TEXTS.list("zh", "messy.headings")
TO_FULL_WIDTH: Final = 0xFEE0
Line = tuple[Teacher, str, str]  # who, the code of their school, the ID number as somebody typed it


def table(lines: Sequence[Line]) -> bytes:
    """The file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[zh("messy.title")], [], HEADINGS])
    role, since = zh("messy.role"), zh("messy.since")
    writer.writerows([n, school, t.name, typed, t.phone, t.email, role, since]
                     for n, (t, school, typed) in enumerate(lines, start=1))  # fmt: skip
    return out.getvalue().encode("gb18030")


def full_width(number: str) -> str:
    """The number as an input method in Chinese mode types it."""
    return "".join(chr(ord(c) + TO_FULL_WIDTH) for c in number)


def ending_in_x(number: str) -> str:
    """A number of the same area and day of birth whose check character is X."""
    return next(n for serial in range(100, 1000) if (n := checked(f"{number[:14]}{serial}")).endswith("X"))
