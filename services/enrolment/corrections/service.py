"""Correcting a dropout after check-in was closed: with a reason, within the policy's time, by the institution that recorded it."""

from typing import Any

from services.enrolment.checkin.service import class_of, hold, saved, whole
from services.enrolment.checkin.store import put_statements
from services.enrolment.classes.service import Act, policy_for, problem
from services.enrolment.corrections.domain import CORRECTED, Ask, decide_correction, too_late
from shared.problems import Problem


async def correct(act: Act, place_id: str, reason: str, *, completed: bool) -> dict[str, Any]:
    """Take a dropout back; whatever followed from it is undone by those who hear of it.

    Problems: 404 out-of-scope; 409 correction-closed, nothing-to-correct; 422 correction-reason-missing.
    """
    place = await hold(act, place_id)
    act.principal.require(place.institution_path or "", "institution")
    if not reason.strip():
        raise Problem(422, "correction-reason-missing")
    klass = await class_of(act, place)
    policy = await policy_for(act, klass)
    if refusal := too_late(klass, policy, act.context.now):
        raise problem(act.texts, [refusal])
    statements = await put_statements(act.con, act.context, CORRECTED, {place_id: reason.strip()})
    ask = Ask(place_id=place_id, statement=statements[place_id], completed=completed)
    decision = whole(act, decide_correction(ask, place, klass, act.context.now))
    return await saved(act, policy, place, decision)
