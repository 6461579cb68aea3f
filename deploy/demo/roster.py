"""A synthetic roster: invented people with valid-looking data that can reach nobody (example.invalid, 1390000xxxx)."""

import io
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import xlsxwriter

from deploy.demo.words import TEXTS, zh

HEADERS: Final = TEXTS.list("zh", "roster.headers")
SURNAMES: Final = TEXTS.list("zh", "roster.surnames")
GIVEN: Final = TEXTS.list("zh", "roster.given")
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SCHOOL: Final = "410183-s001"
OLDER: Final = 10  # who is 46 in the first year


@dataclass(frozen=True)
class Teacher:
    """One row of the roster; ``row`` is the file's own row number."""

    row: int
    name: str
    id_number: str
    phone: str
    email: str

    @property
    def private(self) -> list[str]:
        """What may stand in no event and no log."""
        return [self.name, self.id_number, self.phone, self.email]


def id_number(rng: random.Random, area: str = "410183") -> str:
    """An ID number of the right form (GB 11643), for a birth date between 1975 and 1992."""
    born = date(1975, 1, 1) + timedelta(days=rng.randrange(17 * 365))
    return checked(f"{area}{born:%Y%m%d}{rng.randrange(100, 1000)}")


def checked(body: str) -> str:
    """An ID number's first 17 digits with the check digit."""
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def wrong(number: str) -> str:
    """The ID number with another check digit."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


def teachers(count: int, seed: int = 2021, first: int = 0) -> list[Teacher]:
    """``count`` different teachers, the same ones for the same seed; ``first`` counts their phones and addresses."""
    rng = random.Random(seed)  # noqa: S311  (reproducible, nothing secret)
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        numbers[id_number(rng)] = None
    return [Teacher(row=i + 2, name=SURNAMES[i % len(SURNAMES)] + GIVEN[i // len(SURNAMES) % len(GIVEN)],
                    id_number=number, phone=f"1390{first + i:07d}", email=f"teacher{first + i:05d}@example.invalid")
            for i, number in enumerate(numbers)]  # fmt: skip


def with_an_older(people: list[Teacher]) -> list[Teacher]:
    """The same people, one of whom was born in March 1975."""
    older = people[OLDER]
    number = checked(f"{older.id_number[:6]}19750310{older.id_number[14:17]}")
    return [*people[:OLDER], replace(older, id_number=number), *people[OLDER + 1 :]]


def workbook(people: list[Teacher], school: str = SCHOOL, *, bad: bool = True) -> bytes:
    """The roster as .xlsx; with ``bad``, three rows are wrong: check digit, ID typed as a number, phone."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(zh("roster.sheet"))
        text = book.add_format({"num_format": "@"})
        sheet.write_row(0, 0, HEADERS)
        for i, t in enumerate(people, start=1):
            sheet.write_row(i, 0, [t.name, t.id_number, t.phone, t.email, school, 8, zh("roster.marked")], text)
        if bad:
            spoil(sheet, people)
    return out.getvalue()


BAD: Final = (6, 12, 18)


def spoil(sheet: xlsxwriter.worksheet.Worksheet, people: list[Teacher]) -> None:
    """Make the three mistakes that a person would make."""
    wrong_digit, typed, phone = (people[i] for i in BAD)
    sheet.write_string(wrong_digit.row - 1, 1, wrong(wrong_digit.id_number))
    sheet.write_number(typed.row - 1, 1, float(typed.id_number[:17] + "0"))
    sheet.write_string(phone.row - 1, 2, "12900000018")
