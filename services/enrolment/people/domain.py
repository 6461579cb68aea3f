"""Identity numbers, phones and names as people really have them (definitions, people and notices).

Findings are problem codes of texts.yaml; what only warns is kept apart from what refuses.
"""

import re
import unicodedata
from datetime import date
from operator import mul
from typing import Any, Final

import msgspec

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK: Final = "10X98765432"
AREAS: Final = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83]
)
ID_LENGTH: Final = 18
EARLIEST: Final = 1900
_ID: Final = re.compile(r"[0-9]{17}[0-9X]")
_PHONE: Final = re.compile(r"1[3-9][0-9]{9}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MIDDLE_DOTS: Final = dict.fromkeys(map(ord, "•‧∙⋅●・·"), "·")
_BLANKS: Final = re.compile(r"[\s\u200b\ufeff]+")
_PUNCTUATION: Final = re.compile(r"[-\s\u200b\ufeff()]+")


class Finding(msgspec.Struct, frozen=True):
    """Something wrong with a typed value: a problem code and what its words need."""

    code: str
    vars: dict[str, Any] = {}


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person as a roster tells of them. ``number`` is a valid ID number in its one spelling."""

    number: str
    name: str
    born_on: date
    unit_id: str
    unit_path: str
    phone: str | None = None
    email: str | None = None
    teaching_since: date | None = None
    marks: list[str] = []
    roles: list[str] = []
    stages: list[str] = []
    trainer_since: date | None = None


class IdNumber(msgspec.Struct, frozen=True):
    """A valid number in its one spelling. ``warnings`` never refuse."""

    number: str
    born_on: date
    warnings: tuple[str, ...] = ()


def normalise_id(text: str) -> str:
    """Full width, spaces and a lower-case x are the typist's, not the card's."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_digit(body: str) -> str:
    """The 18th character that GB 11643 gives for the first 17."""
    return CHECK[sum(map(mul, WEIGHTS, map(int, body))) % len(CHECK)]


def read_id(text: str, today: date) -> IdNumber | Finding:
    """A resident ID or residence-permit number. An unknown area only warns: those people are real."""
    number = normalise_id(text)
    if not number:
        return Finding("id-missing")
    if len(number) != ID_LENGTH:
        return Finding("id-length", {"length": len(number)})
    if not _ID.fullmatch(number):
        return Finding("id-characters")
    born_on = _birth_date(number[6:14], today)
    if born_on is None:
        return Finding("id-birth-date", {"digits": number[6:14]})
    if number[-1] != check_digit(number[:-1]):
        return Finding("id-checksum")
    known = int(number[:2]) in AREAS or number[0] == "9"
    return IdNumber(number, born_on, () if known else ("id-area",))


def _birth_date(digits: str, today: date) -> date | None:
    try:
        born_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born_on if born_on.year >= EARLIEST and born_on < today else None


def mask_id(text: str) -> str:
    """What a page may repeat of a number: enough to find it on the sheet, not enough to use it."""
    number = normalise_id(text)
    return f"{number[:4]}…{number[-4:]}" if len(number) > len("41010027") else "…"


def read_phone(text: str) -> str | Finding:
    """A mobile number for SMS: 1, 3 to 9, nine digits; separators and +86 are the typist's."""
    number = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    return number if _PHONE.fullmatch(number) else Finding("phone-invalid")


def read_email(text: str) -> str | Finding:
    """An address with one @ and a dotted domain; the rest is the mail server's to judge."""
    address = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
    return address if _EMAIL.fullmatch(address) else Finding("email-invalid")


def read_name(text: str) -> str | Finding:
    """A name of any length and script; only blanks and the many middle dots are made one."""
    name = _BLANKS.sub(" ", text.translate(_MIDDLE_DOTS)).strip()
    return name or Finding("name-missing")
