"""What notify knows of the other services' streams, and how events add up to it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from shared.events import Event
from shared.events import enrolment as e
from shared.policy import Policy

Patch: TypeAlias = dict[str, Any]
Known: TypeAlias = tuple[Event, int, datetime]


class Programme(Struct, frozen=True):
    """A published programme year and its policy."""

    programme_id: str
    key: str
    issuer_unit_id: str
    issuer_path: str
    published_at: datetime
    policy: Policy


class UnitFact(Struct, frozen=True):
    """A unit of the tree, or an institution."""

    unit_id: str
    code: str
    kind: str
    level: str | None
    path: str
    name_zh: str
    name_en: str


class PlaceFact(Struct, frozen=True):
    """One person's place."""

    place_id: str
    person_id: str
    programme_id: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    class_id: str | None
    institution_id: str | None
    institution_path: str | None
    selected_at: datetime
    assigned_at: datetime | None
    checked_in_at: datetime | None
    excused_at: datetime | None
    dropout_at: datetime | None
    completed_at: datetime | None
    revoked_at: datetime | None


class DateFact(Struct, frozen=True):
    """One announced version of a class's dates."""

    class_id: str
    date_version: int
    starts_on: date
    ends_on: date
    address: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def said(self) -> tuple[object, ...]:
        """All that people are told of it, whatever its number."""
        return self.starts_on, self.ends_on, self.address, self.opens_at, self.closes_at


class ClassFact(Struct, frozen=True):
    """A class as it stands now."""

    class_id: str
    programme_id: str
    project: str
    cohort: str
    institution_id: str
    institution_path: str
    starts_on: date
    ends_on: date
    date_version: int
    scheduled_at: datetime
    opened_at: datetime | None
    opened_version: int | None
    rescheduled_at: datetime | None
    cancelled_at: datetime | None
    ended_at: datetime | None
    checkin_closed_at: datetime | None = None


class CellFact(Struct, frozen=True):
    """The quota of one unit in one cohort, and how much of it is selected in its subtree."""

    cell_id: str
    programme_id: str
    project: str
    cohort: str
    unit_id: str
    unit_path: str
    places: int
    since: datetime
    selected: int


class NomineeFact(Struct, frozen=True):
    """Somebody who was nominated and not chosen; ``chosen_at`` when they got a place after all."""

    nomination_id: str
    person_id: str
    programme_id: str
    project: str
    unit_id: str
    unit_path: str
    decided_at: datetime
    chosen_at: datetime | None


class CommissionFact(Struct, frozen=True):
    """An institution that carries a project of a year, or did until ``released_at``."""

    commission_id: str
    programme_id: str
    project: str
    institution_id: str
    institution_path: str
    commissioned_at: datetime
    released_at: datetime | None


class DocumentFact(Struct, frozen=True):
    """A document that was handed in."""

    document_id: str
    document: str
    programme_id: str
    class_id: str | None
    institution_id: str
    institution_path: str
    submitted_at: datetime
    project: str = ""


class EntryFact(Struct, frozen=True):
    """A ban entry, from proposal to decision."""

    entry_id: str
    person_id: str
    place_id: str
    class_id: str
    policy_key: str
    unit_id: str
    unit_path: str
    proposed_at: datetime
    reply_until: datetime | None
    replied_at: datetime | None
    confirmed_at: datetime | None
    quashed_at: datetime | None
    appealed_at: datetime | None = None
    decide_by: datetime | None = None
    upheld_at: datetime | None = None
    lifted_at: datetime | None = None


TABLES: Final = {"training.programme.v1": "programme", "training.quota.v1": "cell", "training.class.v1": "class",
                 "training.place.v1": "place", "training.document.v1": "document",
                 "training.standing.v1": "entry", "training.commission.v1": "commission"}  # fmt: skip

_MORE: Final[dict[type[Event], Callable[[Any, datetime], Patch]]] = {
    e.QuotaAllocated: lambda _, at: {"since": at},
    e.TraineeAssigned: lambda _, at: {"assigned_at": at},
    e.TraineeReplaced: lambda event, _: {"revoked_at": event.replaced_at},
    e.TraineeDropoutRecorded: lambda event, _: {"dropout_at": event.occurred_at},
    e.ClassScheduled: lambda event, at: {"name_zh": event.name.zh, "name_en": event.name.en, "scheduled_at": at},
    e.ClassOpened: lambda event, _: {"opened_version": event.date_version},
    e.ClassCheckinClosed: lambda event, _: {"checkin_closed_at": event.closed_at},
}
NOMINEES: Final = (e.NomineeNotChosen, e.NomineeChosen)
DATED: Final = (e.ClassScheduled, e.ClassOpened, e.ClassRescheduled)


def patches(known: Sequence[Known]) -> Mapping[str, list[Patch]]:
    """``table -> rows``: what the events (in stream order, each with version and time) add to the tables; one row a stream, or a nominee.

    A later event's value wins over an earlier one's; the rows are upserted column by column, and what is taken back is
    said by ``cleared``.
    """
    rows: dict[tuple[str, str], Patch] = {}
    for event, version, at in known:
        where = _place_of(event)
        if where:
            row = rows.setdefault(where, {})
            row.update(_present(event, at), version=version)
    found: dict[str, list[Patch]] = {}
    for (table, _), row in rows.items():
        found.setdefault(table, []).append(row)
    return found


def _place_of(event: Event) -> tuple[str, str] | None:
    """Table and key of the row that the event fills; of a pool's stream only who was decided about has one."""
    if isinstance(event, NOMINEES):
        return "nominee", event.nomination_id
    table = TABLES.get(event.topic)
    return (table, event.stream) if table else None


def _present(event: Event, at: datetime) -> Patch:
    more = _MORE.get(type(event))
    said = msgspec.to_builtins(event) | (msgspec.to_builtins(more(event, at)) if more else {})
    return {column: value for column, value in said.items() if value is not None}


CLEARED: Final[dict[type[Event], str]] = {e.TraineeDropoutWithdrawn: "dropout_at", e.TraineeRestored: "revoked_at"}


def cleared(known: Sequence[Known]) -> dict[str, list[str]]:
    """``column -> place ids`` whose moment did not happen after all, as the last word of the events on it."""
    last: dict[tuple[str, str], bool] = {}
    for event, _, at in known:
        column = CLEARED.get(type(event))
        said = {column: True} if column else dict.fromkeys(_moments(event, at), False)
        last.update({(name, event.stream): gone for name, gone in said.items()})
    return {name: [i for (n, i), gone in last.items() if gone and n == name] for name in CLEARED.values()}


def _moments(event: Event, at: datetime) -> set[str]:
    return {*CLEARED.values()} & {*_present(event, at)} if isinstance(event, e.PlaceEvent) else set()


def dates(known: Sequence[Known]) -> list[DateFact]:
    """The announced versions of dates in the events; the last one of a version wins."""
    found: dict[tuple[str, int], DateFact] = {}
    for event, _, _ in known:
        if isinstance(event, DATED):
            key = (event.class_id, event.date_version)
            found[key] = DateFact(*key, event.starts_on, event.ends_on, event.address, *_hours(event, found.get(key)))
    return list(found.values())


def _hours(event: Event, before: DateFact | None) -> tuple[datetime | None, datetime | None]:
    """The check-in hours of a version; an opening does not repeat them."""
    if isinstance(event, e.ClassOpened):
        return (before.opens_at, before.closes_at) if before else (None, None)
    opens, closes = (getattr(event, name) for name in ("checkin_opens_at", "checkin_closes_at"))
    return opens, closes


def changes_everything(known: Sequence[Known]) -> bool:
    """Whether the events change what others are planned by: policies, units, quota. They are planned alone."""
    return any(isinstance(event, (e.ProgrammePublished, e.UnitRegistered, e.QuotaAllocated)) for event, _, _ in known)
