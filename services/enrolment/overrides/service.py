"""Selecting people of an imported roster although a condition "in principle" is not met, each with a reason (Q11)."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.enrolment.imports import store
from services.enrolment.imports.domain import Result
from services.enrolment.imports.store import Job
from services.enrolment.overrides.domain import outcomes
from services.enrolment.places.service import asked, select
from services.enrolment.programmes.service import policy_of
from services.enrolment.wording.service import problem
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.policy import Policy
from shared.problems import Problem
from shared.texts import Texts

READERS: Final = ("province", "city", "county", "school")


def may_override(policy: Policy, principal: Principal, path: str) -> bool:
    """Whether the year lets somebody of this office pass conditions for people of the unit."""
    rule = policy.selection.override
    return rule is not None and principal.reaches(path, rule.by_level)


async def override(
    con: Connection, context: Context, principal: Principal, job_id: str, reasons: Mapping[int, str], texts: Texts
) -> Sequence[Result]:
    """Select refused rows, ``reasons`` by row; what is strict, quota and bans still refuse. The rows keep what came of it.

    Problems: 403 override-not-yours; 404 out-of-scope; 409 selection-closed; 422 override-impossible, override-rows.
    """
    job = await store.find(con, job_id)
    if job is None:
        raise Problem(404, "out-of-scope")
    principal.require(job.unit_path, *READERS)
    rows = await store.refused(con, job_id, list(reasons))
    if strange := sorted(reasons.keys() - {r.row for r in rows}):
        raise problem(texts, 422, "override-rows", {"rows": strange})
    await _require_office(con, principal, job, texts)
    people = {r.row: (r.name or "", r.person_id or "") for r in rows}
    whom = {person_id: reasons[row] for row, (_, person_id) in people.items()}
    ask = await asked(con, context, principal, (job.policy_key, job.cohort), (list(whom), whom))
    settled = outcomes(people, await select(con, context, ask))
    await store.settle(con, job_id, settled)
    return settled


async def _require_office(con: Connection, principal: Principal, job: Job, texts: Texts) -> None:
    policy = (await policy_of(con, job.programme_id)).policy
    rule = policy.selection.override
    if rule is None:
        raise Problem(422, "override-impossible")
    if not may_override(policy, principal, job.unit_path):
        raise problem(texts, 403, "override-not-yours", {"level": [rule.by_level]})
