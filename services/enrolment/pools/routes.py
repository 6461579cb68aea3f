"""JSON routes of pools: what the issuer decides about them. In an address a pool goes by the key of its cohort."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.pools import service
from services.enrolment.programmes.service import ISSUERS
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand

router = APIRouter(tags=["pools"])
PATH: Final = "/programmes/{key}/pools/{pool}"
Issuer = Annotated[Principal, Depends(allow(*ISSUERS))]


class Shares(BaseModel):
    """How many people each unit may nominate, by unit code; nothing means as the policy spreads them.

    An invented spread stays marked until somebody says that the numbers are those of the ``official`` table.
    """

    shares: dict[str, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(default={}, max_length=5_000)
    official: bool = False


class Chooser(BaseModel):
    """The code of the institution that chooses."""

    institution: str = Field(max_length=80)


@router.post(f"{PATH}/shares")
async def post_shares(key: str, pool: str, body: Shares, principal: Issuer, command: AnyCommand) -> Response:
    """Share out the nominations; 422 tells by how many they are too many."""
    ask = service.Ask(shares=body.shares, official=body.official)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.share_out(con, context, principal, (key, pool), ask, command.runtime.texts)

    return await command.run(work)


@router.post(f"{PATH}/institution")
async def post_institution(key: str, pool: str, body: Chooser, principal: Issuer, command: AnyCommand) -> Response:
    """Name the institution that chooses from the nominees."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.assign(con, context, principal, (key, pool), body.institution, command.runtime.texts)

    return await command.run(work)
