"""The accounts of the development login, from a JSON file that is read anew each time it is asked."""

from pathlib import Path

import msgspec


class Words(msgspec.Struct, frozen=True):
    """The same in both languages."""

    zh: str
    en: str


class Account(msgspec.Struct, frozen=True):
    """One choice of the login: a role for a unit (by code) or for a person (by id)."""

    account: str
    role: str
    name: Words
    duty: Words
    unit: str | None = None
    person: str | None = None

    @property
    def grant(self) -> dict[str, str]:
        """The claim: the role and what it is bound to."""
        bound = {"unit": self.unit, "person": self.person}
        return {"role": self.role, **{k: v for k, v in bound.items() if v is not None}}


def read(file: Path | None) -> list[Account]:
    """All accounts, in the file's order; none while the file is not there yet."""
    if file is None or not file.exists():
        return []
    return msgspec.json.decode(file.read_bytes(), type=list[Account])


def find(file: Path | None, name: str) -> Account | None:
    """One account by its name."""
    return next((a for a in read(file) if a.account == name), None)
