"""From the rows of a roster to people of units, and from decisions to results per row."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from services.enrolment.nominations.domain import Nominated
from services.enrolment.people.domain import NewPerson
from services.enrolment.places.domain import Decision, Refusal
from services.enrolment.rosters.domain import CellFinding, Row, same
from shared.events.enrolment import TraineeSelected

Outcome = Literal["selected", "nominated", "already", "refused", "error"]
JUDGED_BY: Final = {
    "condition-age-at-most": ("id_number",),
    "condition-years-at-least": ("teaching_since", "teaching_years"),
    "condition-marked": ("backbone",),
    "condition-role-in": ("role",),
    "condition-stage-in": ("stage",),
    "condition-years-of-training": ("trainer_since",),
    "condition-school-kind-in": ("school", "school_name"),
    "condition-school-is-rural": ("school", "school_name"),
}


class School(msgspec.Struct, frozen=True):
    """A unit that people of the roster may belong to."""

    unit_id: str
    code: str
    name: str
    path: str


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A row that stands for a person, or for mistakes."""

    row: Row
    person: NewPerson | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one row."""

    row: int
    name: str
    outcome: Outcome
    person_id: str | None = None
    place_id: str | None = None
    findings: list[CellFinding] = []


def judge(rows: Sequence[Row], schools: Iterable[School], own: School | None) -> list[Judged]:
    """Find each row's school, by code or by name; ``own`` is meant where a school uploads its own list."""
    by_code: dict[str, School] = {}
    by_name: dict[str, list[School]] = {}
    for school in schools:
        by_code[same(school.code)] = school
        by_name.setdefault(same(school.name), []).append(school)
    return [_judge(row, by_code, by_name, own) for row in rows]


def _judge(row: Row, by_code: Mapping[str, School], by_name: Mapping[str, list[School]], own: School | None) -> Judged:
    typed = same(row.school)
    named = [by_code[typed]] if typed in by_code else by_name.get(typed, [])
    fitting = [own] if own and not row.school else named
    if len(fitting) != 1:
        code = "school-missing" if not row.school else "school-ambiguous" if fitting else "school-unknown"
        return Judged(row=_with(row, "school", row.school_column, code, row.school))
    if row.findings:
        return Judged(row=row)
    return Judged(row=row, person=_person(row, fitting[0]))


def _person(row: Row, school: School) -> NewPerson | None:
    if row.born_on is None:
        raise ValueError(f"row {row.row} has no findings and no birth date")
    return NewPerson(
        number=row.number,
        name=row.name,
        born_on=row.born_on,
        unit_id=school.unit_id,
        unit_path=school.path,
        phone=row.phone,
        email=row.email,
        teaching_since=row.teaching_since,
        marks=row.marks,
        roles=row.roles,
        stages=row.stages,
        trainer_since=row.trainer_since,
    )


def _with(row: Row, field: str, column: int | None, code: str, value: str = "") -> Row:
    finding = CellFinding(field=field, column=column, code=code, value=value)
    return msgspec.structs.replace(row, findings=[*row.findings, finding])


def elsewhere(judged: Judged) -> Judged:
    """The row of somebody who is on record outside the uploader's units: a roster does not move people between bureaus."""
    return Judged(row=_with(judged.row, "id_number", judged.row.id_column, "person-elsewhere"))


class Taken(msgspec.Struct, frozen=True):
    """What was decided about the people of a roster: ``places`` holds, by person, the place of whoever got one.

    Where people are nominated nobody gets a place, and it holds None for whoever was taken.
    """

    places: Mapping[str, str | None]
    refusals: Sequence[Refusal]


def of_decision(decision: Decision) -> Taken:
    """What selecting led to."""
    selected = [e for e in decision.events if isinstance(e, TraineeSelected)]
    return Taken({e.person_id: e.place_id for e in selected}, decision.refusals)


def of_nominations(nominated: Nominated) -> Taken:
    """What nominating led to."""
    return Taken({e.person_id: None for e in nominated.events}, nominated.refusals)


def results(
    judged: Sequence[Judged], ids: Mapping[int, str], taken: Taken, columns: Mapping[str, int] = MappingProxyType({})
) -> list[Result]:
    """One result per row; ``ids`` gives the person of each row that stands for one, ``columns`` where fields stand.

    A condition that is not met points to the cell that it was judged by.
    """
    against: dict[str, list[CellFinding]] = {}
    for refusal in taken.refusals:
        field = next((f for f in JUDGED_BY.get(refusal.code, ()) if f in columns), "")
        finding = CellFinding(field=field, column=columns.get(field), code=refusal.code, vars=refusal.vars)
        against.setdefault(refusal.key, []).append(finding)
    return [_result(j, ids.get(j.row.row), taken.places, against) for j in judged]


def _result(
    judged: Judged, person_id: str | None, places: Mapping[str, str | None], against: Mapping[str, list[CellFinding]]
) -> Result:
    row = judged.row
    if person_id is None:
        return Result(row=row.row, name=row.name, outcome="error", findings=row.findings)
    if person_id in places:
        place_id = places[person_id]
        outcome: Outcome = "selected" if place_id else "nominated"
        return Result(row=row.row, name=row.name, outcome=outcome, person_id=person_id, place_id=place_id)
    findings = against[person_id]
    already = findings[0].code in {"already-selected", "already-nominated"}
    held: Any = findings[0].vars.get("place_id") if already else None
    return Result(
        row=row.row,
        name=row.name,
        outcome="already" if already else "refused",
        person_id=person_id,
        place_id=held,
        findings=findings,
    )
