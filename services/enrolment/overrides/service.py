"""Selecting people of an imported roster although a condition "in principle" is not met, each with a reason (Q11)."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.enrolment.imports import store
from services.enrolment.imports.domain import Result, Taken, of_decision, of_nominations
from services.enrolment.imports.store import Job
from services.enrolment.nominations.service import Whom, nominate
from services.enrolment.overrides.domain import outcomes
from services.enrolment.places.service import asked, level_names, select
from services.enrolment.pools.domain import terms
from services.enrolment.programmes.service import policy_of, published
from services.enrolment.wording.service import problem
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.policy import Policy
from shared.policy.lookup import cohort as cohort_of
from shared.problems import Problem
from shared.texts import Texts

READERS: Final = ("province", "city", "county", "school")


def may_override(policy: Policy, principal: Principal, path: str) -> bool:
    """Whether the year lets somebody of this office pass conditions for people of the unit."""
    rule = policy.selection.override
    return rule is not None and principal.acts(path, rule.by_level)


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
    settled = outcomes(people, await _taken(con, context, principal, (job.policy_key, job.cohort), whom))
    await store.settle(con, job_id, settled)
    return settled


async def _taken(
    con: Connection, context: Context, principal: Principal, where: tuple[str, str], whom: dict[str, str]
) -> Taken:
    """Select the people for these reasons, or nominate them where the cohort is a pot's."""
    programme = await published(con, where[0])
    if terms(cohort_of(programme.policy, where[1])):
        nominees = Whom(person_ids=list(whom), overrides=whom)
        return of_nominations(await nominate(con, context, principal, where, nominees))
    ask = await asked(con, context, principal, where, (list(whom), whom))
    return of_decision(await select(con, context, ask))


async def _require_office(con: Connection, principal: Principal, job: Job, texts: Texts) -> None:
    policy = (await policy_of(con, job.programme_id)).policy
    rule = policy.selection.override
    if rule is None:
        raise Problem(422, "override-impossible")
    if not may_override(policy, principal, job.unit_path):
        raise problem(texts, 403, "override-not-yours", {"level": level_names(policy, rule.by_level)})
