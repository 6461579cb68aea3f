from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.documents.domain import (
    MAX_BYTES,
    Owner,
    Stored,
    Submission,
    Upload,
    anchors,
    decide_submission,
    due_of,
    owed,
    refuse_file,
    replaced,
    standing,
    submitted,
)
from services.enrolment.places.domain import Refusal
from shared.policy.documents import Document
from shared.policy.lookup import document
from tests.unit.enrolment.room import COHORT, START, at, policy

DAYS = anchors(START, date(2021, 9, 9), None)
OWNER = Owner(programme_id="programme", project="rural", class_id="class", institution_id="i", institution_path="/h/i/")
FILE = Stored(file_id="f", sha256="0" * 64, size=9)


def paper(key: str) -> Document:
    return document(policy(), key)


def due(
    key: str, starts_on: date = START, ends_on: date = date(2021, 9, 9), elsewhere: date | None = None
) -> datetime | None:
    return due_of(paper(key), policy(), anchors(starts_on, ends_on, elsewhere))


def came(when: datetime, *, on_time: bool, key: str = "checkin-notice", number: int = 1) -> Submission:
    return Submission(document_id=f"d{number}", version=1, document=key, due_at=None, on_time=on_time, submitted_at=when,
                      first_submitted_at=when)  # fmt: skip


@pytest.mark.rule("D04")
def test_the_check_in_notice_is_due_ten_days_before_the_start_that_day_included() -> None:
    assert due("checkin-notice") == at(8, 16, 23, 59, 59)
    notice = paper("checkin-notice")
    last = at(8, 16, 23, 59, 59)
    assert decide_submission(notice, policy(), due("checkin-notice"), None, last) == (last, True)
    assert decide_submission(notice, policy(), due("checkin-notice"), None, last + timedelta(seconds=1)) == (
        last,
        False,
    )
    assert due("checkin-notice", date(2021, 8, 5), date(2021, 8, 19)) == at(7, 26, 23, 59, 59)


@pytest.mark.rule("D05")
def test_the_timetable_is_due_five_days_before_the_start() -> None:
    assert due("timetable") == at(8, 21, 23, 59, 59)


@pytest.mark.rule("D10", "F02", "F03")
def test_reports_are_due_thirty_days_after_the_last_class_even_in_the_next_year() -> None:
    for key in ("self-evaluation", "action-research", "publicity"):
        assert due(key) == at(10, 9, 23, 59, 59)
        assert due(key, ends_on=date(2021, 12, 10)) == at(1, 9, 23, 59, 59, year=2022)
        assert due(key, elsewhere=date(2021, 12, 10)) == at(1, 9, 23, 59, 59, year=2022)


@pytest.mark.rule("D02")
def test_a_sealed_document_is_a_pdf_by_name_and_content_with_the_seal_confirmed() -> None:
    form = paper("application")
    assert (form.sealed, form.accept) == (True, ("pdf",))
    good: dict[str, Any] = {"name": "申报书.PDF", "head": b"%PDF-1.7", "size": 9, "sealed": True}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": "申报书.docx"}, "document-wrong-kind"),
        ({"name": "申报书"}, "document-wrong-kind"),
        ({"head": b"PK\x03\x04"}, "document-not-what-it-says"),
        ({"head": b""}, "document-not-what-it-says"),
        ({"size": MAX_BYTES + 1}, "document-too-large"),
        ({"sealed": False}, "seal-not-confirmed"),
    ]
    assert refuse_file(form, Upload(**good)) is None
    assert refuse_file(form, Upload(**good | {"size": MAX_BYTES})) is None
    for change, code in wrong:
        refusal = refuse_file(form, Upload(**good | change))
        assert refusal is not None
        assert refusal.code == code


def test_a_timetable_may_be_a_workbook() -> None:
    workbook = Upload(name="课程表.xlsx", head=b"PK\x03\x04", size=9, sealed=False)
    assert refuse_file(paper("timetable"), workbook) is None


@settings(deadline=None)
@given(late_by=st.integers(-40, 40), moved_by=st.integers(-40, 40))
def test_on_time_or_late_is_for_ever(late_by: int, moved_by: int) -> None:
    """A replacement keeps the first one's mark, wherever the class moves meanwhile."""
    notice, limit = paper("checkin-notice"), due("checkin-notice")
    assert limit is not None
    mark = decide_submission(notice, policy(), limit, None, limit + timedelta(days=late_by))
    assert not isinstance(mark, Refusal)
    assert mark == (limit, late_by <= 0)
    first = msgspec.structs.replace(came(limit, on_time=mark[1]), due_at=mark[0])
    new_due, later = limit + timedelta(days=moved_by), limit + timedelta(days=41)
    again = decide_submission(notice, policy(), new_due, first, later)
    assert again == mark
    event = submitted("checkin-notice", OWNER, "henan-2021", FILE, "d1", later, again)
    assert (event.due_at, event.on_time, event.submitted_at) == (*mark, later)


def test_one_notice_is_replaced_and_bulletins_add_up() -> None:
    notice, bulletin = paper("checkin-notice"), paper("bulletin")
    assert (notice.count.min, notice.count.max) == (1, 1)
    first = came(at(8, 5), on_time=True)
    assert replaced(notice, []) is None
    assert replaced(notice, [first]) == first
    assert (bulletin.count.min, bulletin.count.max) == (3, None)
    assert replaced(bulletin, [first, first, first]) is None


@pytest.mark.parametrize(
    ("now", "stands", "days"),
    [
        (at(8, 12), "not_due", 4),
        (at(8, 13), "soon", 3),
        (at(8, 16, 23, 59, 59), "soon", 0),
        (at(8, 17, 0), "overdue", 1),
        (at(8, 20), "overdue", 4),
    ],
)
def test_what_is_owed_says_for_how_long(now: datetime, stands: str, days: int) -> None:
    assert standing(policy(), paper("checkin-notice"), due("checkin-notice"), [], now) == (stands, days)


def test_what_came_says_how() -> None:
    notice, limit = paper("checkin-notice"), due("checkin-notice")
    assert standing(policy(), notice, limit, [came(at(8, 5), on_time=True)], at(9, 1))[0] == "on_time"
    assert standing(policy(), notice, limit, [came(at(8, 20), on_time=False)], at(8, 20))[0] == "late"
    three = [came(at(9, 1), on_time=True, key="bulletin", number=i) for i in range(3)]
    ends = due("bulletin")
    assert standing(policy(), paper("bulletin"), ends, three[:2], at(9, 5))[0] == "not_due"
    assert standing(policy(), paper("bulletin"), ends, three, at(9, 5))[0] == "on_time"
    assert standing(policy(), notice, None, [], at(9, 1)) == ("undated", 0)


def test_an_institution_owes_what_its_project_asks_for() -> None:
    assert [d.key for d in owed(policy(), "rural", COHORT)] == [
        "application", "class-start", "checkin-notice", "timetable", "bulletin", "self-evaluation", "action-research", "publicity",
            "course-resource",
    ]  # fmt: skip
