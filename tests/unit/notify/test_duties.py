"""What units owe for a project or a year, and that every reminder of the two years is planned for somebody."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from services.notify.facts.domain import CellFact, CommissionFact, DocumentFact, EntryFact
from services.notify.planning.domain import (
    Case,
    Duty,
    Existing,
    Held,
    Row,
    cell_case,
    class_case,
    desired,
    document_case,
    duty_case,
    entry_case,
    place_case,
    programme_case,
)
from tests.unit.notify.given import UNITS, at, cell, dates, document, klass, place, policy, programme

RURAL, YEAR = Duty("year", "rural", "i"), Duty("year", "*", "i")
COMMISSION = CommissionFact("m", "year", "rural", "i", "/h/i/", at(7, 18), None)
COUNTY = CellFact("k", "year", "rural-backbone", "rural-backbone", "x", "/h/z/x/", 10, at(8, 26), 0)


def held(**changes: Any) -> Held:
    return replace(Held([COMMISSION], [klass()], [], []), **changes)


def paper(key: str, number: int = 1, project: str = "rural") -> DocumentFact:
    return DocumentFact(f"{key}-{number}", key, "year", None, "i", "/h/i/", at(8, 1), project)


def rows(case: Case, kind: str, year: str = "henan-2021") -> list[Row]:
    found = [r for r in desired(case, policy(year)) if r.key.kind == kind and r.key.channel == "email"]
    return sorted(found, key=lambda r: r.due_at)


def of(duty: Duty, there: Held) -> Case:
    return duty_case(duty, there, UNITS, programme())


@pytest.mark.rule("D01", "D03")
def test_who_carries_a_project_owes_its_form_and_its_date_who_has_a_class_only_reports() -> None:
    owed = of(RURAL, held(classes=[]))
    assert [r.due_at for r in rows(owed, "application")][:3] == [at(7, 23), at(7, 27), at(7, 29)]
    assert {r.template for r in rows(owed, "class-start")} == {"dates-unit", "dates-above"}
    assert not rows(owed, "reports")
    unasked = of(RURAL, held(commissions=[]))
    assert {r.key.kind for r in desired(unasked, policy())} == {"reports"}
    scheduled = rows(of(RURAL, held()), "class-start")
    assert {(r.state, r.reason) for r in scheduled} == {("not_needed", "class_start_announced")}


@pytest.mark.rule("D10")
def test_reports_run_from_the_last_day_of_the_last_class_that_is_held() -> None:
    later, off = (
        klass(class_id="c2", ends_on=date(2021, 12, 10)),
        klass(class_id="c3", ends_on=date(2021, 12, 20), cancelled_at=at(9, 1)),
    )
    case = of(RURAL, held(classes=[klass(), later, off]))
    assert {r.announced for r in rows(case, "reports")} == {date(2022, 1, 9)}
    three = [paper(k) for k in ("self-evaluation", "action-research", "publicity")]
    assert {r.state for r in rows(of(RURAL, held(documents=three)), "reports")} == {"not_needed"}
    assert {r.state for r in rows(of(RURAL, held(documents=three[:2])), "reports")} == {"planned"}
    assert {
        r.state for r in rows(of(RURAL, held(documents=[replace(d, project="backbone") for d in three])), "reports")
    } == {"planned"}


@pytest.mark.rule("D11", "F01")
def test_each_third_of_the_time_asks_for_one_more_bulletin_over_all_projects() -> None:
    assert [(r.key.occurrence, r.due_at) for r in rows(of(YEAR, held()), "bulletins")] == [
        ("part-1", at(8, 28)), ("part-2", at(9, 2)), ("part-3", at(9, 6))]  # fmt: skip
    two = of(YEAR, held(documents=[paper("bulletin", 1), paper("bulletin", 2, "backbone")]))
    assert [r.state for r in rows(two, "bulletins")] == ["not_needed", "not_needed", "planned"]
    late = of(YEAR, held(classes=[klass(opened_at=at(9, 4), scheduled_at=at(9, 4))]))
    assert [r.key.occurrence for r in rows(late, "bulletins")] == ["part-2", "part-3"]


@pytest.mark.rule("Q25")
def test_a_county_owes_a_plan_for_each_project_that_it_has_places_in() -> None:
    year = programme(published_at=at(8, 25), policy=policy("zhengzhou-2022"))
    duty = Duty("year", "rural-backbone", "x")
    case = duty_case(duty, Held([], [], [], [COUNTY]), UNITS, year)
    asked = rows(case, "use-plan", "zhengzhou-2022")
    assert {(r.key.recipient_id, r.announced) for r in asked} == {("x", date(2022, 9, 30))}
    plan = DocumentFact("d", "use-plan", "year", None, "x", "/h/z/x/", at(9, 1), "rural-backbone")
    came = duty_case(duty, Held([], [], [plan], [COUNTY]), UNITS, year)
    assert {r.state for r in rows(came, "use-plan", "zhengzhou-2022")} == {"not_needed"}


@pytest.mark.rule("D09", "C13")
def test_a_class_has_to_end_with_the_year_and_is_followed_up_where_people_took_part() -> None:
    year = programme(published_at=at(8, 25), policy=policy("zhengzhou-2022"))
    members = [place(0), place(1, dropout_at=at(8, 27))]
    cls = replace(klass(), project="rural-backbone", cohort="rural-backbone")
    case = class_case(cls, dates()[:1], members, [], UNITS, year, [])
    assert {(r.template, r.announced) for r in rows(case, "finish", "zhengzhou-2022")} == {
        ("finish-unit", date(2022, 12, 31))
    }
    followed = rows(case, "accompany", "zhengzhou-2022")
    assert {(r.key.recipient_id, r.state) for r in followed} == {
        ("t0", "planned"),
        ("i", "planned"),
        ("t1", "not_needed"),
    }
    over = class_case(replace(cls, ended_at=at(9, 7)), dates()[:1], members, [], UNITS, year, [])
    assert {(r.state, r.reason) for r in rows(over, "finish", "zhengzhou-2022")} == {("not_needed", "class_ended")}


def test_those_above_read_whose_debt_it_is() -> None:
    above = {r.key.recipient_id: r.template for r in desired(cell_case(cell(20, 0), UNITS, programme()), policy())}
    assert above == {"s": "quota-unit", "x": "quota-above"}


@pytest.mark.parametrize("year", ["henan-2021", "zhengzhou-2022"])
def test_every_reminder_of_the_year_is_planned_for_somebody(year: str) -> None:
    of_year = programme(published_at=at(7, 16), policy=policy(year))
    own = {p.key for p in policy(year).projects}
    project = "rural" if "rural" in own else "rural-backbone"
    cohort = next(p for p in policy(year).projects if p.key == project).cohorts[0].key
    cls = replace(klass(), project=project, cohort=cohort)
    moved = replace(cls, date_version=2, rescheduled_at=at(8, 17), starts_on=date(2021, 8, 26))
    told = Existing(
        "x",
        "class",
        "c",
        "person",
        "t0",
        "class-opened",
        1,
        "opened-person",
        None,
        None,
        at(8, 6),
        None,
        None,
        "accepted",
    )
    entry = EntryFact("e", "t0", "p0", "c", year, "s", "/h/z/x/s/", at(8, 27), None, None, None, None)
    county = replace(COUNTY, project=project, cohort=cohort)
    commission = replace(COMMISSION, project=project)
    cases = [
        programme_case(of_year, list(UNITS.values()), [commission]),
        cell_case(replace(cell(), project=project, cohort=cohort), UNITS, of_year),
        place_case(replace(place(), project=project), None, UNITS),
        class_case(cls, dates()[:1], [place()], [], UNITS, of_year, []),
        class_case(moved, dates(), [place()], [], UNITS, of_year, [told]),
        document_case(document("checkin-notice", at(8, 5)), of_year),
        entry_case(entry, UNITS, [], of_year),
        entry_case(replace(entry, confirmed_at=at(9, 28)), UNITS, [], of_year),
        entry_case(
            replace(entry, confirmed_at=at(9, 28), appealed_at=at(9, 29), decide_by=at(10, 29)), UNITS, [], of_year
        ),
        duty_case(Duty("year", project, "i"), held(commissions=[commission]), UNITS, of_year),
        duty_case(YEAR, held(commissions=[commission], classes=[cls]), UNITS, of_year),
        duty_case(Duty("year", project, "x"), Held([], [], [], [county]), UNITS, of_year),
    ]
    found = {r.key.kind for case in cases for r in desired(case, policy(year))}
    assert {p.key for p in policy(year).reminders.plans} - found == set()
