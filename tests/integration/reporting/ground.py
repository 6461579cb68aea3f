"""A year that ranks institutions, told as events: classes, documents and the scores of inspections. All data are synthetic."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from shared.events import enrolment as e
from shared.policy import Policy
from shared.policy.tables import Formula
from tests.integration.reporting.test_league_table import TREE
from tests.support.year import Year, at, policy

ROOT = "/u-410000/"
SCHOOL = f"{ROOT}u-410100/u-410183/u-410183-s001/"
OF_THOSE_WHO_CAME = {"key": "completion-institutions", "version": 1, "names": {"zh": "结业率（承训单位）", "en": "Completion"},
                     "numerator": "completed", "denominator": "checked_in"}  # fmt: skip
BY_SCORE = (["inspection"], ["on-time"])
BY_RATES = (["checkin", "completion-institutions"], ["on-time", "inspection"])
INSTITUTIONS = ("inst-001", "inst-002", "inst-003", "inst-004")


def with_institutions(by: Sequence[str], beside: Sequence[str]) -> Policy:
    """The year's policy with these measures in its ranking of institutions."""
    plain = policy()
    formulas = (*plain.formulas, msgspec.convert(OF_THOSE_WHO_CAME, Formula))
    units, institutions = plain.rankings
    changed = msgspec.structs.replace(institutions, by=tuple(by), beside=tuple(beside))
    return msgspec.structs.replace(plain, formulas=formulas, rankings=(units, changed))


def score(year: Year, inspection: str, institution: str, points: str, most: str = "100", day: int = 15) -> None:
    """The expert group scores an institution; the same inspection again is a correction."""
    year.streams.add(e.InspectionScored(
        inspection_id=inspection, policy_key=year.policy.key, project="rural", institution_id=f"u-{institution}",
        institution_path=f"{ROOT}u-{institution}/", score=points, max=most, inspected_on=date(2021, 9, day)), at(9, day))  # fmt: skip


def year_of(policy: Policy, classes: Mapping[str, Sequence[int]]) -> Year:
    """Units, institutions, quota, and for each institution one class of ``(expected, checked in, completed)`` people."""
    year = Year(policy=policy)
    year.units(TREE)
    for code in INSTITUTIONS:
        year.institution(code, "410000")
    year.publish()
    county = year.quota(f"{ROOT}u-410100/u-410183/", 60, year.quota(f"{ROOT}u-410100/", 60))
    year.quota(SCHOOL, 60, county)
    for code, (expected, came, completed) in classes.items():
        hold(year, code, expected, came, completed)
    return year


def hold(year: Year, institution: str, expected: int, came: int, completed: int) -> None:
    """One class of an institution, from selection to completion."""
    klass = f"class-{institution}"
    year.schedule(klass, institution)
    for n in range(expected):
        name = f"{institution}-{n}"
        year.select(name, SCHOOL, met=n > 0)
        year.step(name, "assigned", klass, institution)
        year.step(name, "registered")
        if n < came:
            year.step(name, "checked_in", klass)
        year.step(name, "expected", klass)
        if n < completed:
            year.step(name, "completed", klass)
    year.close(klass, expected, came)


def next_year(before: Year, **formulas: Any) -> Year:
    """The year after, in the same streams; ``formulas`` changes members of the one of registration completion."""
    plain = before.policy
    head = msgspec.structs.replace(plain.policy, key="next-year", year=plain.year + 1)
    first, *rest = plain.formulas
    changed = msgspec.structs.replace(first, version=2, **formulas)
    policy = msgspec.structs.replace(plain, policy=head, formulas=(changed, *rest))
    year = Year(streams=before.streams, policy=policy, programme="programme-next")
    year.publish()
    unit = f"{ROOT}u-410100/"
    year.streams.add(e.QuotaAllocated(cell_id="cell-next", parent_cell_id=None, programme_id=year.programme,
                                      policy_key=policy.key, project="rural", cohort="rural-teacher", unit_id="u-410100",
                                      unit_path=unit, places=20), at(7, 18))  # fmt: skip
    return year
