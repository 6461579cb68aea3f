"""JSON routes of inspections: score, correct, one with its history, those of a year."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.enrolment.inspections import service, store
from services.enrolment.inspections.domain import ROLES, Form
from services.enrolment.programmes.service import published
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.runtime import get_runtime

router = APIRouter(tags=["inspections"])
Scorer = Annotated[Principal, Depends(allow(*ROLES))]
Reader = Annotated[Principal, Depends(allow(*service.READERS))]
PAGE = 50


class FormBody(BaseModel):
    """The score of a form; numbers are decimal texts, so that no digit is lost."""

    score: str = Field(max_length=20)
    max: str = Field(max_length=20)
    inspected_on: date

    @property
    def form(self) -> Form:
        """As the decision takes it."""
        return Form(score=self.score.strip(), max=self.max.strip(), inspected_on=self.inspected_on)


class InspectionBody(FormBody):
    """A form for an institution's work in one project of a year."""

    programme: str
    project: str
    institution: str


class CorrectionBody(FormBody):
    """A later score, and why."""

    reason: str = Field(max_length=500)


@router.post("/inspections")
async def post_inspection(body: InspectionBody, principal: Scorer, command: AnyCommand) -> Response:
    """Score an inspection form."""
    ask = service.Ask(key=body.programme, project=body.project, institution=body.institution, form=body.form)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.score(con, context, principal, ask, command.runtime.texts)

    return await command.run(work, status=201)


@router.post("/inspections/{inspection_id}/corrections")
async def post_correction(inspection_id: str, body: CorrectionBody, principal: Scorer, command: AnyCommand) -> Response:
    """Correct a score; the earlier one stays on record with its time."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        texts = command.runtime.texts
        return await service.correct(con, context, principal, inspection_id, body.form, body.reason, texts)

    return await command.run(work)


@router.get("/inspections/{inspection_id}")
async def get_inspection(request: Request, inspection_id: str, principal: Reader) -> dict[str, Any]:
    """One inspection with every score it had."""
    async with get_runtime(request).db.read(principal) as con:
        found = await service.visible(con, principal, inspection_id)
        return {**_shown(found), "scores": await store.scores(con, inspection_id)}


@router.get("/programmes/{key}/inspections")
async def get_inspections(
    request: Request, key: str, principal: Reader, page: Annotated[int, Query(ge=1)] = 1
) -> dict[str, Any]:
    """The inspections of a year, of institutions in reach."""
    paths = [g.path for g in principal.grants if g.path]
    async with get_runtime(request).db.read(principal) as con:
        await published(con, key)
        total, found = await store.listed(con, paths, key, page, PAGE)
    return {"total": total, "page": page, "inspections": [_shown(f) for f in found]}


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    names = found["names"]
    shown = (
        "inspection_id",
        "version",
        "policy_key",
        "project",
        "institution",
        "institution_id",
        "score",
        "max",
        "inspected_on",
    )
    return {**{k: found[k] for k in shown}, "names": {"zh": names.zh, "en": names.en}}
