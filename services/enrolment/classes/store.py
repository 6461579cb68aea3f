"""Classes in the database. State is written only by applying events, and every event goes to the outbox."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from services.enrolment.classes.domain import Announced, Class, apply
from services.enrolment.places.domain import Place
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events import Names
from shared.events.enrolment import ClassEvent, ClassRescheduled, ClassScheduled
from shared.outbox import Entry, append

Q = load_queries(__file__)
NEW: Final = ("class_id", "version", "status", "programme_id", "policy_key", "project", "cohort", "plan_level", "forms",
              "institution_id", "institution_path", "name_zh", "name_en", "period", "theme", "address", "starts_on",
              "ends_on", "checkin_opens_at", "checkin_closes_at", "date_version")  # fmt: skip
COURSE: Final = ("version", "status", "address", "starts_on", "ends_on", "checkin_opens_at", "checkin_closes_at",
                 "date_version", "previous_starts_on", "change_cause", "opened_at", "rescheduled_at", "closed_at",
                 "ended_at", "cancelled_at")  # fmt: skip


class Staff(msgspec.Struct, frozen=True):
    """A person who runs a class."""

    role: str
    name: str
    phone: str | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A class as the list of classes shows it."""

    class_id: str
    status: str
    name_zh: str
    name_en: str
    policy_key: str
    starts_on: date
    ends_on: date
    previous_starts_on: date | None
    institution_zh: str
    institution_en: str
    places: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a class's list; places that fell to a ban are left out."""

    listed: int
    registered: int
    checked_in: int
    excused: int
    absent: int
    dropped_out: int
    completed: int


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the list of a class, as pages show them."""

    place_id: str
    person_id: str
    name: str
    phone: str | None
    school_zh: str
    school_en: str
    unit_zh: str
    unit_en: str
    registered_at: datetime | None
    checked_in_at: datetime | None
    checkin_method: str | None
    excused_at: datetime | None
    excuse_reason: str | None
    expected_at: datetime | None
    dropout_cause: str | None
    completed_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None


class Told(msgspec.Struct, frozen=True):
    """How many hear of a change of a class."""

    trainees: int
    schools: int
    counties: int


class Waiting(msgspec.Struct, frozen=True):
    """A place without a class, and the unit that sent it."""

    place_id: str
    unit_id: str
    name_zh: str
    name_en: str


async def find_class(con: Connection, class_id: str) -> Class | None:
    """The class as it is now, unlocked."""
    return _class(await con.fetchrow(Q.find_class, class_id))


async def lock_class(con: Connection, class_id: str) -> Class | None:
    """The class, for a change of itself. Lock persons and places before."""
    return _class(await con.fetchrow(Q.lock_class, class_id))


async def share_class(con: Connection, class_id: str) -> Class | None:
    """The class, kept from changing while one of its places does; sharers do not wait for each other."""
    return _class(await con.fetchrow(Q.share_class, class_id))


async def insert(con: Connection, context: Context, event: ClassScheduled, extension: str | None) -> Class | None:
    """A new class; None when the institution already has a class of this cohort and period."""
    klass = apply(None, event)
    columns = [getattr(klass, name) for name in NEW]
    if await con.execute(Q.insert_class, *columns, context.now, extension) != "INSERT 0 1":
        return None
    await _announce(con, context, klass, None)
    await append(con, context, [Entry(klass.version, event)])
    return klass


async def save(
    con: Connection, context: Context, klass: Class, event: ClassEvent, extension: str | None = None
) -> Class:
    """Apply an event to the locked class, write the row and the outbox; gives the class as it is now."""
    new = apply(klass, event)
    columns = [getattr(new, name) for name in COURSE]
    done = await con.execute(Q.update_class, klass.class_id, klass.version, *columns, extension)
    if done != "UPDATE 1":
        raise RuntimeError(f"class {klass.class_id} changed under its lock")
    if isinstance(event, ClassRescheduled):
        await _announce(con, context, new, event.cause)
    await append(con, context, [Entry(new.version, event)])
    return new


async def _announce(con: Connection, context: Context, klass: Class, cause: str | None) -> None:
    await con.execute(Q.announce_dates, klass.class_id, klass.date_version, klass.starts_on, klass.ends_on,
                      klass.address, cause, context.now, context.actor)  # fmt: skip


async def announced_dates(con: Connection, class_id: str) -> list[Announced]:
    """Every announced version of the dates, oldest first."""
    return [msgspec.convert(dict(r), Announced) for r in await con.fetch(Q.announced_dates, class_id)]


async def replace_staff(con: Connection, klass: Class, staff: Sequence[Staff]) -> None:
    """Write the whole staff of a class anew, in the order given."""
    await con.execute(Q.remove_staff, klass.class_id)
    await con.execute(Q.insert_staff, klass.class_id, klass.institution_path, [s.role for s in staff],
                      list(range(len(staff))), [s.name for s in staff], [s.phone for s in staff])  # fmt: skip


async def staff_of(con: Connection, class_id: str) -> list[Staff]:
    """Who runs a class, by role."""
    return [msgspec.convert(dict(r), Staff) for r in await con.fetch(Q.staff, class_id)]


async def count_staff(con: Connection, class_id: str, shared_roles: Sequence[str]) -> dict[str, int]:
    """Persons by role; a role in ``shared_roles`` may be filled in any class of the project (A08)."""
    return {r["role"]: r["named"] for r in await con.fetch(Q.count_staff, class_id, list(shared_roles))}


async def cancelled_among(con: Connection, class_ids: Sequence[str]) -> set[str]:
    """Those of the classes that were called off."""
    return {r["class_id"] for r in await con.fetch(Q.cancelled_among, list(class_ids))}


async def persons_of_places(con: Connection, place_ids: Sequence[str]) -> list[str]:
    """Who holds the places, unlocked."""
    return [r["person_id"] for r in await con.fetch(Q.persons_of_places, list(place_ids))]


async def persons_of_class(con: Connection, class_id: str) -> list[str]:
    """Who is on the list of a class, unlocked."""
    return [r["person_id"] for r in await con.fetch(Q.persons_of_class, class_id)]


async def place_ids_of_class(con: Connection, class_id: str) -> set[str]:
    """The list of a class as it is committed now."""
    return {r["place_id"] for r in await con.fetch(Q.place_ids_of_class, class_id)}


async def has_place(con: Connection, class_id: str) -> bool:
    """Whether a place of the class is within what the connection may see."""
    seen: bool = await con.fetchval(Q.has_place_in_class, class_id)
    return seen


async def listed(
    con: Connection, paths: Sequence[str], status: str | None, page: int, size: int
) -> tuple[int, list[Listed]]:
    """One page of the classes whose institution or whose list is in scope, by first day; and how many there are."""
    rows = await con.fetch(Q.list_classes, list(paths), status, size, (page - 1) * size)
    return (rows[0]["total"] if rows else 0), [msgspec.convert(dict(r), Listed) for r in rows]


async def figures(con: Connection, class_id: str) -> Figures:
    """How many of a class's list, as far as the connection sees it, have come how far."""
    return msgspec.convert(dict(await con.fetchrow(Q.figures, class_id)), Figures)


async def people(con: Connection, class_id: str, page: int, size: int) -> list[Member]:
    """One page of the list of a class, with names, as far as the connection may see them."""
    rows = await con.fetch(Q.class_list, class_id, size, (page - 1) * size)
    return [msgspec.convert(dict(r), Member) for r in rows]


async def places_of_class(con: Connection, class_id: str) -> list[Place]:
    """The places on the list of a class, unlocked: for a page that only asks what would follow."""
    return [msgspec.convert(dict(r), Place) for r in await con.fetch(Q.places_of_class, class_id)]


async def told(con: Connection, class_id: str) -> Told:
    """Who hears of a change: trainees, their schools, the counties above them."""
    return msgspec.convert(dict(await con.fetchrow(Q.told_units, class_id)), Told)


async def waiting(con: Connection, klass: Class) -> list[Waiting]:
    """The cohort's places without a class, in the order of selection; no personal data."""
    rows = await con.fetch(Q.waiting_places, klass.programme_id, klass.cohort)
    return [msgspec.convert(dict(r), Waiting) for r in rows]


async def institution_of(con: Connection, klass: Class) -> Names:
    """The institution's display name."""
    row = await con.fetchrow(Q.institution, klass.institution_id)
    return Names(zh=row["name_zh"], en=row["name_en"])


async def last_day_elsewhere(con: Connection, klass: Class) -> date | None:
    """The last day of the institution's other classes of the project; None when there are none."""
    last: date | None = await con.fetchval(
        Q.last_day_elsewhere, klass.programme_id, klass.project, klass.institution_id, klass.class_id
    )
    return last


def _class(row: Any) -> Class | None:
    return msgspec.convert(dict(row), Class) if row else None
