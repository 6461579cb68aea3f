"""JSON route of overrides."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from services.enrolment.imports.domain import Result
from services.enrolment.imports.routes import Uploading
from services.enrolment.overrides import service
from services.enrolment.overrides.domain import LONGEST, SHORTEST
from services.enrolment.wording.service import said
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.texts import Texts

router = APIRouter(tags=["imports"])
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=SHORTEST, max_length=LONGEST)]


class Reasons(BaseModel):
    """Why a condition is passed, by the row of the file."""

    reasons: dict[int, Reason] = Field(min_length=1, max_length=1_000)


@router.post("/imports/{job_id}/overrides")
async def post_overrides(job_id: str, body: Reasons, principal: Uploading, command: AnyCommand) -> Response:
    """Select refused rows with a reason each; it lowers selection quality. Each row is selected or refused again."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        settled = await service.override(con, context, principal, job_id, body.reasons, command.runtime.texts)
        return _told(settled, command.runtime.texts)

    return await command.run(work)


def _told(settled: Any, texts: Texts) -> dict[str, Any]:
    return {
        "selected": [_who(r) for r in settled if r.outcome == "selected"],
        "refused": [
            {**_who(r), **said(texts, f.code, f.vars)} for r in settled if r.outcome != "selected" for f in r.findings
        ],
    }


def _who(result: Result) -> dict[str, Any]:
    return {"row": result.row, "person_id": result.person_id, "place_id": result.place_id}
