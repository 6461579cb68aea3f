"""For each kind of case the streams that its facts come from, every stream with the ways that it can go."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from msgspec.structs import replace

from services.notify.facts.domain import ClassFact, CommissionFact, DateFact, EntryFact, NomineeFact
from services.notify.planning.domain import (
    Case,
    Duty,
    Existing,
    Held,
    cell_case,
    class_case,
    document_case,
    duty_case,
    entry_case,
    nominee_case,
    place_case,
    programme_case,
)
from tests.unit.notify.given import SCHOOL, UNITS, at, cell, document, klass, place, programme

Change = dict[str, Any]
Seen = Mapping[str, Sequence[Change]]
Story = Sequence[Change]
VERSIONS = [date(2021, 8, 23), date(2021, 8, 26), date(2021, 9, 2)]

SCHEDULED: Change = {"opened_at": None, "opened_version": None}
OPENED: Change = {"opened_at": at(8, 4), "opened_version": 1}
MOVED: Change = {"starts_on": VERSIONS[1], "date_version": 2, "rescheduled_at": at(8, 5)}
AGAIN: Change = {"starts_on": VERSIONS[2], "date_version": 3, "rescheduled_at": at(8, 6)}
CANCELLED: Change = {"cancelled_at": at(8, 8)}
OF_CLASS: list[Story] = [
    [SCHEDULED, OPENED, MOVED, AGAIN],
    [SCHEDULED, OPENED, MOVED, CANCELLED],
    [SCHEDULED, CANCELLED],
]

SELECTED: Change = {"class_id": None, "assigned_at": None}
ASSIGNED: Change = {"class_id": "c", "assigned_at": at(8, 3, 10)}
OF_PLACE: list[Story] = [
    [SELECTED, ASSIGNED, {ending: at(8, 7)}] for ending in ("checked_in_at", "excused_at", "revoked_at")
]

CONFIRMED: Change = {"confirmed_at": at(9, 28)}
APPEALED: Change = {"appealed_at": at(10, 8), "decide_by": at(11, 8)}
PROPOSED: Story = [{}, {"reply_until": at(9, 11, 23)}]
OF_ENTRY: list[Story] = [
    [*PROPOSED, {"replied_at": at(9, 10)}, CONFIRMED, APPEALED, {"upheld_at": at(10, 20)}],
    [*PROPOSED, CONFIRMED, APPEALED, {"lifted_at": at(10, 20)}],
    [*PROPOSED, {"quashed_at": at(9, 12)}],
]
OF_COMMISSION: list[Story] = [[{"released_at": None}, {"released_at": at(8, 9)}]]


class Kind(NamedTuple):
    """The ways of each stream by its name, and the case of what is known; None while too little is."""

    streams: Mapping[str, Sequence[Story]]
    case: Callable[[Seen, Sequence[Existing]], Case | None]


def merged(story: Story) -> Change:
    return {k: v for step in story for k, v in step.items()}


def _class(seen: Seen) -> ClassFact:
    return replace(klass(), **merged(seen["class"]))


def _of_class(seen: Seen, rows: Sequence[Existing]) -> Case | None:
    if not seen["class"]:
        return None
    cls = _class(seen)
    dates = [DateFact("c", n, day, day, "addr") for n, day in enumerate(VERSIONS[: cls.date_version], start=1)]
    held = [replace(place(n), **merged(seen[f"place-{n}"])) for n in range(2) if seen[f"place-{n}"]]
    papers = [document(merged(seen["paper"])["key"], at(8, 12))] if seen["paper"] else []
    return class_case(cls, dates, [p for p in held if p.class_id], papers, UNITS, programme(), rows)


def _of_cell(seen: Seen, _: Sequence[Existing]) -> Case | None:
    known = merged(seen["quota"]) | merged(seen["selected"])
    return cell_case(replace(cell(), **known), UNITS, programme()) if seen["quota"] else None


def _of_place(seen: Seen, _: Sequence[Existing]) -> Case | None:
    cls = _class(seen) if seen["class"] else None
    return place_case(replace(place(), **merged(seen["place"])), cls, UNITS) if seen["place"] else None


def _of_document(seen: Seen, _: Sequence[Existing]) -> Case | None:
    known = replace(document("timetable", at(8, 1)), **merged(seen["document"]))
    return document_case(known, programme()) if seen["document"] else None


def _of_entry(seen: Seen, rows: Sequence[Existing]) -> Case | None:
    plain = EntryFact("e", "t0", "p0", "c", "henan-2021", "s", SCHOOL, at(8, 27, 19), None, None, None, None)
    return entry_case(replace(plain, **merged(seen["entry"])), UNITS, rows, programme()) if seen["entry"] else None


def _commissions(seen: Seen) -> list[CommissionFact]:
    plain = CommissionFact("m", "year", "rural", "i", "/h/i/", at(7, 18), None)
    return [replace(plain, **merged(seen["commission"]))] if seen["commission"] else []


def _of_duty(project: str) -> Callable[[Seen, Sequence[Existing]], Case | None]:
    def case(seen: Seen, _: Sequence[Existing]) -> Case | None:
        papers = [replace(document(s["key"], at(8, 1)), document_id=str(n), class_id=None, project="rural")
                  for n, s in enumerate(seen["paper"])]  # fmt: skip
        held = Held(_commissions(seen), [_class(seen)] if seen["class"] else [], papers, [])
        known = held.commissions or held.classes
        return duty_case(Duty("year", project, "i"), held, UNITS, programme()) if known else None

    return case


def _of_nominee(seen: Seen, _: Sequence[Existing]) -> Case | None:
    plain = NomineeFact("n", "t0", "year", "trainers-province", "s", SCHOOL, at(7, 30), None)
    return nominee_case(replace(plain, **merged(seen["nominee"])), UNITS) if seen["nominee"] else None


def _of_programme(seen: Seen, _: Sequence[Existing]) -> Case | None:
    told = [UNITS[s["unit"]] for s in seen["unit"]]
    return programme_case(programme(), told, _commissions(seen)) if seen["programme"] else None


def _papers(*keys: str) -> list[Story]:
    return [[{"key": key} for key in keys]]


_DUTY: Mapping[str, Sequence[Story]] = {"commission": OF_COMMISSION, "class": OF_CLASS}

KINDS: Mapping[str, Kind] = {
    "class": Kind({"class": OF_CLASS, "place-0": OF_PLACE, "place-1": OF_PLACE, "paper": _papers("checkin-notice")}, _of_class),
    "cell": Kind({"quota": [[{"places": 20}, {"places": 25}, {"places": 10}]],
                  "selected": [[{"selected": n} for n in (5, 10, 20, 19)]]}, _of_cell),
    "place": Kind({"place": OF_PLACE, "class": OF_CLASS}, _of_place),
    "document": Kind({"document": [[{"submitted_at": at(8, 1)}, {"submitted_at": at(8, 2)}]]}, _of_document),
    "entry": Kind({"entry": OF_ENTRY}, _of_entry),
    "duty": Kind({**_DUTY, "paper": _papers("application", "self-evaluation", "action-research", "publicity")}, _of_duty("rural")),
    "duty of a year": Kind({**_DUTY, "paper": _papers("bulletin", "bulletin", "bulletin")}, _of_duty("*")),
    "nominee": Kind({"nominee": [[{}, {"chosen_at": at(8, 2)}]]}, _of_nominee),
    "programme": Kind({"programme": [[{}]], "unit": [[{"unit": u} for u in "zxi"]], "commission": OF_COMMISSION}, _of_programme),
}  # fmt: skip
