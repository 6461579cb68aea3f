"""Lines of the form among the people: sums, signatures, notes."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

from services.enrolment.rosters.domain.cells import Cell, text_of
from services.enrolment.rosters.domain.header import Header
from services.enrolment.rosters.domain.sheet import Words

_NUMBER: Final = re.compile(r"\d{6}|e\+")
_BLANKS: Final = re.compile(r"\s+")


def is_footer(cells: Sequence[Cell], header: Header, words: Words) -> bool:
    """Whether a row can't be a person: a line of the form, by how it begins and by the numbers that it lacks.

    It begins with a word for a sum ("Total", "Total: 12") or with a label and its colon ("Checked by: …"), no name holds
    either; and its ID cell is empty, short, or under the merged label. A sum has no phone and no name besides. Whatever
    could be a person with a mistake stays a row and is told so.
    """
    said = [_spelled(text_of(cell)) for cell in cells]
    first = next((text for text in said if text), "")
    own = {field: said[at] for field, at in header.columns.items() if at < len(said) and said[at] != first}
    if _NUMBER.search(own.get("id_number", "")):
        return False
    if _label(tuple(words.signatures + words.totals)).match(first):
        return True
    alone = not _NUMBER.search(own.get("phone", "")) and not re.fullmatch(r"[^\W\d_]+", own.get("name", ""))
    return alone and bool(_sum(tuple(words.totals)).match(first))


def _spelled(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def _label(words: Sequence[str]) -> re.Pattern[str]:
    """One of the words, perhaps with a remark in brackets, and a colon."""
    return re.compile(rf"({_either(words)})(\(.*?\))?:")


@cache
def _sum(words: Sequence[str]) -> re.Pattern[str]:
    """One of the words, and no letter after it."""
    return re.compile(rf"({_either(words)})(?![^\W\d_])")


def _either(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in words) or "(?!)"
