"""The choice from the nominees. Locks the pot, then people: the last place is given once, and a ban wins (Q13, L12)."""

from collections.abc import Mapping, Sequence

import msgspec

from services.enrolment.choices import store
from services.enrolment.choices.domain import Nominee, chosen_events, passed_events, renamed, sort, with_conditions
from services.enrolment.people.store import lock_people
from services.enrolment.places.domain import Cell, Refusal, decide_selection, rules_of
from services.enrolment.places.service import candidates_of, require_open
from services.enrolment.places.store import add_overrides
from services.enrolment.places.store import save as save_places
from services.enrolment.pools.domain import Pool, terms
from services.enrolment.pools.service import Where, locked
from services.enrolment.pools.store import tell
from services.enrolment.programmes.service import ISSUERS
from services.enrolment.programmes.store import Programme
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events.base import Names
from shared.events.enrolment import NomineeChosen, NomineeNotChosen, TraineeSelected
from shared.policy.lookup import cohort as cohort_of
from shared.problems import Problem


class Outcome(msgspec.Struct, frozen=True):
    """What a choice led to; refusals name the nomination. ``pool`` is the pot as it was before."""

    pool: Pool
    chosen: list[NomineeChosen]
    passed: list[NomineeNotChosen]
    refusals: list[Refusal]


async def choose(
    con: Connection,
    context: Context,
    principal: Principal,
    where: Where,
    chosen: Sequence[str],
    refused: Mapping[str, str],
) -> Outcome:
    """Choose nominees, and pass others over with a reason for each; every nomination is accounted for once.

    Problems: 404 programme-unknown, cohort-unknown, no-pool, out-of-scope; 409 pool-not-assigned, selection-closed.
    """
    programme, pool = await locked(con, where)
    require_chooser(principal, programme, pool)
    require_open(programme.policy, where[1], None, context.now, act="choose")
    context = context.with_policy(programme.policy.version)
    asked = sort(await store.nominees(con, pool.pool_id, [*chosen, *refused]), chosen, refused)
    selected, against = await _select(con, context, programme, pool, asked.chosen)
    taken = chosen_events(pool, selected, {n.person_id: n for n in asked.chosen})
    passed = passed_events(pool, asked.passed, context.now)
    await store.save(con, taken, {n.nomination_id: refused[n.nomination_id].strip() for n in asked.passed}, context.now)
    await tell(con, context, pool, [*taken, *passed])
    return Outcome(pool, taken, passed, [*asked.refusals, *against])


def require_chooser(principal: Principal, programme: Programme, pool: Pool) -> None:
    """Who chooses is the policy's to say. Problems 404 out-of-scope, 409 pool-not-assigned."""
    found = terms(cohort_of(programme.policy, pool.cohort))
    if found and found[0].chosen_by == "issuer":
        principal.require(programme.issuer_path, *ISSUERS)
    elif pool.institution_path is None:
        principal.require(programme.issuer_path)
        raise Problem(409, "pool-not-assigned")
    else:
        principal.require(pool.institution_path, "institution")


async def _select(
    con: Connection, context: Context, programme: Programme, pool: Pool, nominees: Sequence[Nominee]
) -> tuple[list[TraineeSelected], list[Refusal]]:
    """Places for nominees. Conditions were judged when they were nominated; bans and dates are judged again."""
    by_person = {n.person_id: n for n in nominees}
    rules = msgspec.structs.replace(rules_of(programme.policy, programme.programme_id, pool.cohort), conditions=())
    people = await lock_people(con, by_person)
    candidates = await candidates_of(con, rules, [people[i] for i in by_person if i in people])
    names = cohort_of(programme.policy, pool.cohort).names
    cell = Cell(
        cell_id=pool.pool_id, unit_id="", unit=Names(names.zh, names.en), places=pool.places, selected=pool.chosen
    )
    decision = decide_selection(candidates, {c.unit_id: cell for c in candidates}, rules, {}, context.now)
    selected = with_conditions([e for e in decision.events if isinstance(e, TraineeSelected)], by_person)
    await save_places(con, context, {}, selected)
    await add_overrides(con, context, selected, {i: n.override_reason or "" for i, n in by_person.items()})
    gone = [Refusal(n.nomination_id, "person-unknown") for i, n in by_person.items() if i not in people]
    return selected, [*gone, *(renamed(r, by_person, pool) for r in decision.refusals)]
