"""JSON routes of programme years."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.enrolment.programmes import service, store
from services.enrolment.programmes.domain import cohorts
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(tags=["programmes"])
Issuer = Annotated[Principal, Depends(allow(*service.ISSUERS))]
Anyone = Annotated[Principal, Depends(allow())]


@router.post("/programmes")
async def post_programme(request: Request, principal: Issuer, command: AnyCommand) -> Response:
    """Validate a policy file (YAML body) and keep it as a draft.

    422 lists each mistake with line and remedy; ``warnings`` of the answer refuse nothing.
    """
    try:
        source = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise Problem(422, "not-utf8") from error
    async with command.runtime.db.system() as con:
        units = await store.known_units(con)
    policy, warnings = await service.validated(source, units)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return {**await service.draft(con, context, principal, policy, source), "warnings": service.told(warnings)}

    return await command.run(work, status=201)


@router.post("/programmes/{key}/publish")
async def publish_programme(key: str, principal: Issuer, command: AnyCommand) -> Response:
    """Publish a draft: the event carries every section, the first level gets its places. 422 lists its mistakes."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.publish(con, context, principal, key, command.runtime.texts)

    return await command.run(work)


@router.get("/programmes")
async def get_programmes(request: Request, principal: Anyone) -> list[dict[str, Any]]:
    """The published years and one's own drafts, latest first."""
    async with get_runtime(request).db.read(principal) as con:
        return [msgspec.structs.asdict(head) for head in await service.shown(con, principal)]


@router.get("/programmes/{key}")
async def get_programme(request: Request, key: str, principal: Anyone) -> dict[str, Any]:
    """One year: state, projects and cohorts. A draft is shown to its issuer alone."""
    async with get_runtime(request).db.read(principal) as con:
        programme = await service.seen(con, principal, key)
    listed = [{"project": p.key, "cohort": c.key, "kind": c.kind, "names": {"zh": c.names.zh, "en": c.names.en}}
              for p, c in cohorts(programme.policy)]  # fmt: skip
    return {
        "programme_id": programme.programme_id,
        "key": key,
        "revision": programme.revision,
        "year": programme.year,
        "sha256": programme.sha256,
        "published_at": programme.published_at,
        "names": {"zh": programme.policy.names.zh, "en": programme.policy.names.en},
        "cohorts": listed,
    }
