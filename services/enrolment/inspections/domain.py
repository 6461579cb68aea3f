"""Scoring an inspection form, and correcting the score (A11, M09)."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from shared.events.enrolment import InspectionScored
from shared.policy import Policy

_NUMBER: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
ROLES: Final = ("province", "inspector")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection form as handed in: score and maximum as typed, and the day of the inspection."""

    score: str
    max: str
    inspected_on: date


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What was inspected: an institution's work in one project of a year."""

    inspection_id: str
    policy_key: str
    project: str
    institution_id: str
    institution_path: str


class Refusal(msgspec.Struct, frozen=True):
    """Why a form can't be taken: a problem code and its values."""

    code: str
    vars: dict[str, Any] = {}


def scoring_roles(policy: Policy) -> tuple[str, ...]:
    """Who scores: the province, and the year's expert group where it has one (A11)."""
    return ROLES if any(office.role == "inspector" for office in policy.offices) else ROLES[:1]


def highest(policy: Policy) -> Decimal | None:
    """The maximum that the year's formula of inspection scores names; None where no formula uses them."""
    return next((f.max for f in policy.formulas if f.value == "inspection_score"), None)


def decide_score(
    form: Form, subject: Subject, before: Form | None, limit: Decimal | None, today: date
) -> InspectionScored | Refusal:
    """The event of a score; ``before`` is the form that it corrects. ``limit`` is the policy's maximum, if it names one.

    Scores have at most two decimals, from 0 up to the maximum, both included.
    """
    if not (_NUMBER.fullmatch(form.score) and _NUMBER.fullmatch(form.max)):
        return Refusal("score-not-a-number", {"score": form.score or "—", "max": form.max or "—"})
    if limit is not None and Decimal(form.max) != limit:
        return Refusal("score-other-maximum", {"max": form.max, "limit": plain(limit)})
    if Decimal(form.max) == 0 or Decimal(form.score) > Decimal(form.max):
        return Refusal("score-above-maximum", {"score": form.score, "max": form.max})
    if form.inspected_on > today:
        return Refusal("inspection-in-future", {"inspected_on": form.inspected_on, "today": today})
    if before is not None and same(form, before):
        return Refusal("inspection-unchanged", {"score": form.score, "max": form.max})
    return _scored(form, subject)


def same(one: Form, other: Form) -> bool:
    """Whether two forms say the same, however their numbers are written."""
    return (Decimal(one.score), Decimal(one.max), one.inspected_on) == (
        Decimal(other.score),
        Decimal(other.max),
        other.inspected_on,
    )


def _scored(form: Form, subject: Subject) -> InspectionScored:
    return InspectionScored(
        inspection_id=subject.inspection_id,
        policy_key=subject.policy_key,
        project=subject.project,
        institution_id=subject.institution_id,
        institution_path=subject.institution_path,
        score=plain(Decimal(form.score)),
        max=plain(Decimal(form.max)),
        inspected_on=form.inspected_on,
    )


def plain(number: Decimal) -> str:
    """A number in its one spelling: 91.50 and 91.5 are the same, and 100 is never 1E+2."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
