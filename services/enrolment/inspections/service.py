"""Inspections: score a form, correct a score with a reason."""

from typing import Any
from uuid import uuid4

import msgspec

from services.enrolment.inspections import store
from services.enrolment.inspections.domain import Form, Refusal, Subject, decide_score, highest, scoring_roles
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.wording.service import problem
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events.enrolment import InspectionScored
from shared.policy import Policy
from shared.policy.lookup import UnknownKeyError
from shared.policy.lookup import project as project_of
from shared.problems import Problem
from shared.texts import CIVIL, Texts
from shared.units import units_by_code

READERS = ("province", "project_office", "inspector", "institution")


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One filled-in form for an institution's work in a project."""

    key: str
    project: str
    institution: str
    form: Form


async def score(con: Connection, context: Context, principal: Principal, ask: Ask, texts: Texts) -> dict[str, Any]:
    """Take an inspection form.

    Problems: 404 programme-unknown, project-unknown, institution-unknown, out-of-scope; 409 inspection-known;
    422 score-*, inspection-in-future.
    """
    programme = await published(con, ask.key)
    _require_project(programme.policy, ask.project)
    unit = (await units_by_code(con, [ask.institution])).get(ask.institution)
    if unit is None or unit.kind != "institution":
        raise Problem(404, "institution-unknown", institution=ask.institution)
    principal.require(unit.path, *scoring_roles(programme.policy))
    subject = Subject(inspection_id=str(uuid4()), policy_key=ask.key, project=ask.project, institution_id=unit.unit_id,
                      institution_path=unit.path)  # fmt: skip
    event = _decided(ask.form, subject, None, programme.policy, context, texts)
    if not await store.add(con, context.with_policy(programme.policy.version), programme.programme_id, event):
        raise Problem(409, "inspection-known", unit=unit.names, inspected_on=event.inspected_on)
    return {"inspection_id": event.inspection_id, "score": event.score, "max": event.max, "version": 1}


def _require_project(policy: Policy, key: str) -> None:
    try:
        project_of(policy, key)
    except UnknownKeyError as error:
        raise Problem(404, "project-unknown", project=key, key=policy.key) from error


def _decided(
    form: Form, subject: Subject, before: Form | None, policy: Policy, context: Context, texts: Texts
) -> InspectionScored:
    today = context.now.astimezone(CIVIL).date()
    decision = decide_score(form, subject, before, highest(policy), today)
    if isinstance(decision, Refusal):
        raise problem(texts, 422, decision.code, decision.vars)
    return decision


async def correct(
    con: Connection, context: Context, principal: Principal, inspection_id: str, form: Form, reason: str, texts: Texts
) -> dict[str, Any]:
    """A later score of the same form, with a reason; the earlier ones stay on record.

    Problems: 404 out-of-scope; 409 inspection-known; 422 reason-missing, score-*, inspection-in-future, inspection-unchanged.
    """
    seen = await store.lock(con, inspection_id)
    if seen is None:
        raise Problem(404, "out-of-scope")
    policy = (await policy_of(con, seen.programme_id)).policy
    principal.require(seen.institution_path, *scoring_roles(policy))
    if not reason.strip():
        raise Problem(422, "reason-missing")
    subject = Subject(inspection_id=inspection_id, policy_key=seen.policy_key, project=seen.project,
                      institution_id=seen.institution_id, institution_path=seen.institution_path)  # fmt: skip
    event = _decided(form, subject, seen.form, policy, context, texts)
    if await store.twin(con, seen, event.inspected_on):
        found = await visible(con, principal, inspection_id)
        raise Problem(409, "inspection-known", unit=found["names"], inspected_on=event.inspected_on)
    version = await store.correct(con, context.with_policy(policy.version), event, reason.strip())
    return {"inspection_id": inspection_id, "score": event.score, "max": event.max, "version": version}


async def visible(con: Connection, principal: Principal, inspection_id: str) -> dict[str, Any]:
    """The inspection of an institution in reach. Problem 404 out-of-scope."""
    found = await store.find(con, inspection_id)
    if found is None:
        raise Problem(404, "out-of-scope")
    principal.require(found["institution_path"], *READERS)
    return found
