"""JSON routes of nominations."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.enrolment.nominations import service, store
from services.enrolment.nominations.domain import Nomination
from services.enrolment.places.routes import People, Selecting
from services.enrolment.pools.store import find_pool
from services.enrolment.programmes.service import published
from services.enrolment.wording.service import said
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.units import units_by_code

router = APIRouter(tags=["pools"])
PATH: Final = "/programmes/{key}/pools/{pool}/nominations"
PAGE: Final = 200
READERS: Final = ("province", "project_office", "city", "county", "school", "institution")
Reader = Annotated[Principal, Depends(allow(*READERS))]


@router.post(PATH)
async def post_nominations(key: str, pool: str, body: People, principal: Selecting, command: AnyCommand) -> Response:
    """Nominate people for a pot; each one is either nominated or refused with what to do about it."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        whom = service.Whom(person_ids=body.person_ids, overrides=body.overrides, attested=body.attested)
        found = await service.nominate(con, context, principal, (key, pool), whom)
        refused = [
            {"person_id": r.key, **r.vars, **said(command.runtime.texts, r.code, r.vars)} for r in found.refusals
        ]
        return {"nominated": service.answer(found), "refused": refused}

    return await command.run(work)


@router.get(PATH)
async def get_nominations(
    request: Request, key: str, pool: str, principal: Reader, unit: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> dict[str, Any]:  # fmt: skip
    """One page of the nominations that the caller may see: a unit its own, who chooses all of them."""
    async with get_runtime(request).db.read(principal) as con:
        programme = await published(con, key)
        pot = await find_pool(con, programme.programme_id, pool)
        if pot is None:
            raise Problem(404, "no-pool", cohort=pool, key=key)
        units = await units_by_code(con, [unit]) if unit else {}
        if unit and unit not in units:
            raise Problem(404, "unit-unknown", unit=unit)
        total, found = await store.listed(con, pot.pool_id, units[unit].path if unit else None, page, PAGE)
    return {"total": total, "page": page, "places": pot.places, "nominations": [_shown(n) for n in found]}


def _shown(n: Nomination) -> dict[str, Any]:
    return {
        "nomination_id": n.nomination_id,
        "person_id": n.person_id,
        "unit": {"zh": n.unit.zh, "en": n.unit.en},
        "nominated_by": {"zh": n.nominated_by.zh, "en": n.nominated_by.en},
        "state": n.state,
        "met_every_condition": n.met_every_condition,
        "reason": n.not_chosen_reason,
    }
