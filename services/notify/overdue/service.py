"""Puts the overdue list of a year together, as far as the reader's scope reaches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from services.notify.facts.domain import Programme
from services.notify.facts.store import Policies
from services.notify.overdue import store
from services.notify.overdue.domain import Debt, of_class, of_duty, of_gaps, with_reminders
from services.notify.subjects.service import Facts, owing
from shared.db import Connection
from shared.events import Names
from shared.problems import Problem

ROLES: Final = ("province", "project_office", "city", "county", "school", "institution")
CHUNK: Final = 1000
_policies: Final = Policies()


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """What is overdue in one year in one scope at one instant."""

    programme: Programme
    years: Sequence[store.Year]
    debts: Sequence[Debt]
    units: Mapping[str, Names]
    classes: Mapping[str, Names]


async def overdue(con: Connection, key: str | None, now: datetime) -> Overdue | None:
    """The year that was asked for, else the newest; None as long as none is known. Problem 404 year-unknown."""
    years = await store.years(con)
    if not years:
        return None
    chosen = next((y.programme_id for y in years if y.key == key), None) if key else years[0].programme_id
    if chosen is None:
        raise Problem(404, "year-unknown", policy=key or "")
    (programme,) = await _policies.of(con, [chosen])
    found = list(of_gaps(await store.gaps(con, chosen), programme.policy, now))
    subjects = await store.subjects(con, chosen)
    for i in range(0, len(subjects), CHUNK):
        part = subjects[i : i + CHUNK]
        found += _debts(*await owing(con, part, _policies), programme, now)
    debts = with_reminders(found, await store.reminded(con, found))
    return Overdue(programme=programme, years=years, debts=debts,
                   units=await store.unit_names(con, {d.owner_id for d in debts}),
                   classes=await store.class_names(con, {d.class_id for d in debts if d.class_id}))  # fmt: skip


def _debts(facts: Facts, cases: Mapping[tuple[str, str], Any], programme: Programme, now: datetime) -> Iterator[Debt]:
    for class_id, cls in facts.classes.items():
        if case := cases.get(("class", class_id)):
            documents = [d for d in facts.documents if d.class_id == class_id]
            yield from of_class(case, cls, documents, programme.policy, now)
    for duty, held in facts.duties.items():
        if case := cases.get(("duty", duty.key)):
            yield from of_duty(case, duty, held, facts.levels.get(duty), programme, now)


def as_json(found: Overdue, now: datetime) -> dict[str, Any]:
    """Units and classes by id and name; no person."""
    told = [
        {**msgspec.to_builtins(d, str_keys=True), "owner": _said(found.units.get(d.owner_id)),
         "class": _said(found.classes.get(d.class_id or ""))} for d in found.debts
    ]  # fmt: skip
    return {"policy": found.programme.policy.version, "now": now, "total": len(found.debts), "debts": told}


def _said(names: Names | None) -> dict[str, str] | None:
    return {"zh": names.zh, "en": names.en} if names else None
