"""How people and units are reached. Contacts are asked for when something is sent, and forgotten; only what was sent is kept."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from shared.events import Names

PHONE: Final = re.compile(r"1[3-9]\d{9}")
SHOWN: Final = 3


class Reach(Struct, frozen=True):
    """A name, and where its bearer gets mail and SMS. ``unit`` is the name of a unit; None for a person."""

    name: str
    email: str | None = None
    phone: str | None = None
    unit: Names | None = None


class Staff(Struct, frozen=True):
    """Somebody who runs a class."""

    role: str
    name: str
    phone: str | None = None


class Book(Struct, frozen=True):
    """The answer to one question. ``units`` includes offices, by their key."""

    people: Mapping[str, Reach]
    units: Mapping[str, Reach]
    staff: Mapping[str, Sequence[Staff]] = {}

    def of(self, kind: str, key: str) -> Reach | None:
        """The contact of a recipient."""
        return self._staff(key) if kind == "staff" else (self.people if kind == "person" else self.units).get(key)

    def _staff(self, key: str) -> Reach | None:
        """The first of a class's staff in a role (``class:role``), by phone alone."""
        class_id, _, role = key.rpartition(":")
        return next((Reach(s.name, phone=s.phone) for s in self.staff.get(class_id, ()) if s.role == role), None)


class Sandbox(Struct, frozen=True):
    """Outside production nothing goes to addresses that are not named here (A13)."""

    production: bool
    domains: tuple[str, ...]
    phones: tuple[str, ...]

    def lets(self, channel: str, address: str) -> bool:
        """Whether a message may go to the address."""
        if self.production:
            return True
        if channel == "email":
            return address.rpartition("@")[2].lower() in self.domains
        return address.startswith(self.phones)


def address_of(reach: Reach | None, channel: str, sandbox: Sandbox) -> tuple[str | None, str | None]:
    """``(address, None)`` or ``(None, reason)``: no contact, none for this channel, not a mobile number, sandbox."""
    address = (reach.email if channel == "email" else reach.phone) if reach else None
    if not address:
        return None, "no_contact" if reach is None else "no_address"
    if channel == "sms" and not PHONE.fullmatch(address):
        return None, "no_mobile_number"
    return (address, None) if sandbox.lets(channel, address) else (None, "sandbox")


def masked(address: str) -> str:
    """Enough to recognise, too little to use: ``138****0012``, ``te***@example.invalid``."""
    head, at, domain = address.partition("@")
    return f"{head[:2]}***{at}{domain}" if at else f"{address[:SHOWN]}****{address[-4:]}"
