"""Importing the unit tree, and naming who is responsible in each unit."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from services.enrolment.conditions.store import set_lists
from services.enrolment.people.domain import Finding, read_email, read_name, read_phone
from services.enrolment.units import store
from services.enrolment.units.domain import KnownUnit, Mistake, decide_import
from services.enrolment.units.store import Contact
from services.enrolment.wording.service import said
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events.enrolment import UnitRegistered
from shared.policy import UnitsFile
from shared.problems import Problem
from shared.texts import Texts
from shared.units import Unit, units_by_code

OFFICERS = ("province", "project_office", "city", "county", "school", "institution")


class ContactAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as typed; a mail address or a phone is needed, landlines are accepted."""

    unit: str
    name: str
    email: str | None = None
    phone: str | None = None


async def import_units(
    con: Connection, context: Context, principal: Principal, file: UnitsFile, texts: Texts
) -> dict[str, Any]:
    """Take a units file. Problems: 404 out-of-scope, 422 units-invalid with one error per unit."""
    await store.hold_tree(con)
    await store.set_kinds(con, file)
    codes = {u.code for u in file.units} | {u.reports_to for u in file.units if u.reports_to}
    known = await store.known_units(con, sorted(codes))
    decision = decide_import(file, known, {u.code: str(uuid4()) for u in file.units})
    mistakes = [d for d in decision if isinstance(d, Mistake)]
    if mistakes:
        errors = [{"unit": m.unit, **said(texts, m.code, {"unit": m.unit, "other": m.other})} for m in mistakes]
        raise Problem(422, "units-invalid", errors=errors, count=len(errors))
    events = [d for d in decision if not isinstance(d, Mistake)]
    _require_reach(principal, known, events)
    await store.save(con, context, known, events)
    await set_lists(con, context, file.dataset, {x.key: x.members for x in file.lists})
    return {"units": len(file.units), "changed": len(events)}


def _require_reach(principal: Principal, known: Mapping[str, KnownUnit], events: Sequence[UnitRegistered]) -> None:
    """A province's account reaches its tree; at the very first import its own unit is in the file and not yet on record."""
    own = {g.code for g in principal.grants if g.role == "province"}
    reached = [e.path for e in events if e.code in own] + [k.event.path for c, k in known.items() if c in own]
    for event in events:
        if not any(event.path.startswith(path) for path in reached):
            principal.require(event.path, "province")


async def set_contacts(
    con: Connection, context: Context, principal: Principal, asks: Sequence[ContactAsk]
) -> dict[str, Any]:
    """Name who is responsible. Problems: 404 out-of-scope, unit-unknown; 422 contact-invalid."""
    units = await units_by_code(con, [a.unit for a in asks])
    contacts = {a.unit: _contact(principal, units.get(a.unit), a) for a in asks}
    await store.set_contacts(con, list(contacts.values()), context.now)
    return {"units": len(contacts)}


def _contact(principal: Principal, unit: Unit | None, ask: ContactAsk) -> Contact:
    if unit is None:
        raise Problem(404, "unit-unknown", unit=ask.unit)
    principal.require(unit.path, *OFFICERS)
    name, email = read_name(ask.name), read_email(ask.email) if ask.email else None
    phone = _any_phone(ask.phone) if ask.phone else None
    if isinstance(name, Finding) or isinstance(email, Finding) or (email is None and phone is None):
        raise Problem(422, "contact-invalid", unit=unit.names)
    return Contact(unit_id=unit.unit_id, unit_path=unit.path, name=name, email=email, phone=phone)


def _any_phone(text: str) -> str:
    """A mobile number in its one spelling; an office's landline as it was typed."""
    mobile = read_phone(text)
    return text.strip() if isinstance(mobile, Finding) else mobile
