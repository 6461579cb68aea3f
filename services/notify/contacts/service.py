"""Asks enrolment for contacts, for a whole batch at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx
from msgspec import ValidationError, convert
from msgspec.structs import replace

from services.notify.contacts.domain import Book, Reach, Staff
from shared.events import Names

AT_ONCE: Final = 5000


class Unreachable(Exception):  # noqa: N818  (says what enrolment is)
    """Enrolment does not answer; what was to be sent waits."""


@dataclass(frozen=True)
class Contacts:
    """Enrolment's contacts, with the service token; ``offices`` are role addresses from this service's own settings."""

    http: httpx.AsyncClient
    url: str
    token: str
    offices: Mapping[str, str]

    async def of(self, people: Collection[str], units: Collection[str], classes: Collection[str]) -> Book:
        """The book of these ids; unknown ones are absent. One question, or more where there are too many people."""
        rest = sorted(people)
        book = await self._ask(rest[:AT_ONCE], sorted(units), sorted(classes))
        for i in range(AT_ONCE, len(rest), AT_ONCE):
            more = await self._ask(rest[i : i + AT_ONCE], (), ())
            book = replace(book, people={**book.people, **more.people})
        return book

    async def _ask(self, people: Sequence[str], units: Sequence[str], classes: Sequence[str]) -> Book:
        """One question. Errors: Unreachable."""
        asked = {"people": people, "units": units, "classes": classes}
        headers = {"authorization": f"Bearer {self.token}"}
        try:
            answer = await self.http.post(f"{self.url}/contacts/query", json=asked, headers=headers)
            return self._book(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError, KeyError, TypeError, ValidationError) as error:
            raise Unreachable(type(error).__name__) from error

    def _book(self, said: Mapping[str, Any]) -> Book:
        units = {
            u["unit_id"]: Reach(u["name"], u["email"], u["phone"], convert(u["unit"], Names)) for u in said["units"]
        }
        offices = {key: Reach(key, address) for key, address in self.offices.items()}
        return Book(
            people={p["person_id"]: Reach(p["name"], p["email"], p["phone"]) for p in said["people"]},
            units=units | offices,
            staff={c["class_id"]: convert(c["staff"], list[Staff]) for c in said.get("classes", [])},
        )
