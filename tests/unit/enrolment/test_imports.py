"""From decisions to the rows of the sender: which cell a refusal points to, and which refusals a reason could lift."""

import pytest

from services.enrolment.imports.domain import Judged, Taken, results
from services.enrolment.overrides.domain import in_principle, outcomes
from services.enrolment.places.domain import Refusal
from services.enrolment.rosters.domain import CellFinding, Row
from shared.policy.eligibility import AgeAtMost, Condition, Marked, SchoolIsRural

SOFT, STRICT = AgeAtMost(years=45, force="in_principle"), Marked(mark="teaching_backbone", force="strict")
AGE, MARK = "condition-age-at-most", "condition-marked"


@pytest.mark.parametrize(
    ("code", "columns", "told"),
    [
        (AGE, {"id_number": 3}, ("id_number", 3)),
        ("condition-years-at-least", {"teaching_years": 6}, ("teaching_years", 6)),
        ("condition-years-at-least", {"teaching_since": 5, "teaching_years": 6}, ("teaching_since", 5)),
        ("condition-school-kind-in", {"school_name": 1}, ("school_name", 1)),
        (MARK, {"id_number": 3}, ("", None)),
        ("quota-used-up", {"id_number": 3}, ("", None)),
    ],
)
def test_a_condition_points_to_the_cell_that_it_was_judged_by(
    code: str, columns: dict[str, int], told: tuple[str, int | None]
) -> None:
    taken = Taken({}, [Refusal("person", code)])
    (result,) = results([Judged(row=Row(row=2, name="陈样例"))], {2: "person"}, taken, columns)
    assert [(f.field, f.column, f.code) for f in result.findings] == [(*told, code)]


@pytest.mark.rule("Q11")
@pytest.mark.parametrize(
    ("codes", "conditions", "answer"),
    [
        ([AGE], [SOFT, STRICT], True),
        ([AGE, MARK], [SOFT, STRICT], False),
        ([AGE], [SOFT, AgeAtMost(years=60, force="strict")], False),
        ([AGE], [SOFT, AgeAtMost(years=40, force="priority")], True),
        (["condition-school-is-rural", AGE], [SOFT, SchoolIsRural(force="in_principle")], True),
        (["banned"], [SOFT], False),
        (["quota-used-up"], [SOFT], False),
        ([], [SOFT], False),
    ],
)
def test_only_conditions_in_principle_can_be_passed(
    codes: list[str], conditions: list[Condition], *, answer: bool
) -> None:
    findings = [CellFinding(field="", column=None, code=code) for code in codes]
    assert in_principle(findings, conditions) == answer


def test_an_override_settles_each_row_by_its_person() -> None:
    taken = Taken({}, [Refusal("p-2", "already-selected", {"place_id": "held"}), Refusal("p-3", MARK)])
    settled = outcomes({5: ("陈样例", "p-2"), 6: ("刘样例", "p-3")}, taken)
    assert [(r.row, r.name, r.outcome, r.place_id) for r in settled] == [
        (5, "陈样例", "already", "held"),
        (6, "刘样例", "refused", None),
    ]
