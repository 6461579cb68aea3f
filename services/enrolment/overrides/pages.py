"""The form of overrides on a roster's result page."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.enrolment.classes.pages import back, number, typed
from services.enrolment.imports.pages import REASON, show_job
from services.enrolment.imports.routes import Uploading
from services.enrolment.overrides import service
from services.enrolment.overrides.domain import LONGEST, SHORTEST
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.problems import Problem

router = APIRouter(include_in_schema=False)


@router.post("/imports/{job_id}/page")
async def override_page(request: Request, job_id: str, principal: Uploading, command: AnyCommand) -> Response:
    """Select the rows for which a reason was typed. A refusal shows the page again with the reasons as typed."""
    form = await request.form()

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        settled = await service.override(con, context, principal, job_id, _reasons(form), command.runtime.texts)
        return {"selected": sum(r.outcome == "selected" for r in settled)}

    answer = await command.attempt(work)
    if isinstance(answer, Problem):
        return await show_job(request, principal, job_id, refused=answer, form=form)
    return back(f"/imports/{job_id}/page?passed={answer['selected']}")


def _reasons(form: FormData) -> dict[int, str]:
    """The reasons by row. Problems: 422 override-no-reason, override-reason."""
    texts = {number(key.removeprefix(REASON)): typed(form, key) for key in form if key.startswith(REASON)}
    reasons = {row: text for row, text in texts.items() if row is not None and text}
    if not reasons:
        raise Problem(422, "override-no-reason")
    for row, text in reasons.items():
        if not SHORTEST <= len(text) <= LONGEST:
            raise Problem(422, "override-reason", row=row, least=SHORTEST, most=LONGEST)
    return reasons
