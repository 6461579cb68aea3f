"""JSON routes of lists of units: upload and see, confirm, an empty list."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from services.enrolment.imports.routes import workbook
from services.enrolment.rosters import service as rosters
from services.enrolment.unitlists import service
from services.enrolment.unitlists.domain.table import COLUMNS
from services.enrolment.unitlists.service import Upload
from services.enrolment.unitlists.store import UnitList
from services.enrolment.wording.service import said
from services.enrolment.workbooks import service as workbooks
from shared.auth import Principal, allow
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import language_of
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import Texts

router = APIRouter(tags=["units"])
Importer = Annotated[Principal, Depends(allow(*service.IMPORTERS))]
KINDS = (".xlsx", ".csv")


@router.post("/units/{code}/lists")
async def post_list(
    code: str,
    principal: Importer,
    command: AnyCommand,
    file: Annotated[UploadFile, File()],
    whole: Annotated[bool, Form()] = False,  # noqa: FBT002  (a field of the form)
) -> Response:
    """Upload the list of a unit's subtree (.xlsx or .csv) and get what it would change; nothing is changed."""
    new = await read_upload(code, file, whole=whole, texts=command.runtime.texts)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        kept = await service.upload(con, context, principal, new, command.runtime.texts)
        return _shown(kept, command.runtime.texts)

    return await command.run(work, status=201)


async def read_upload(unit: str, file: UploadFile, *, whole: bool, texts: Texts) -> Upload:
    """The upload, read in the bounded process. Problems: 422 list-wrong-kind, list-too-large."""
    name = file.filename or ""
    if not name.lower().endswith(KINDS):
        raise Problem(422, "list-wrong-kind", file=name[-80:] or "—")
    content = await file.read(workbooks.MAX_BYTES + 1)
    if len(content) > workbooks.MAX_BYTES:
        raise Problem(422, "list-too-large")
    grid, found = await rosters.grid(content)
    return Upload(unit=unit, file_name=name, listing=service.listing(grid, found, texts), whole=whole)


def _shown(kept: UnitList, texts: Texts) -> dict[str, Any]:
    preview = kept.preview
    return {
        "list_id": kept.list_id,
        "unit": kept.unit_code,
        "file_name": kept.file_name,
        "whole": kept.whole,
        "rows": len(kept.lines),
        **service.counts(preview.changes),
        "unchanged": preview.unchanged,
        "confirmed_at": kept.confirmed_at,
        "changes": preview.changes,
        "faults": [
            {"row": f.row, "unit": f.code, "name": f.name, **said(texts, f.problem, f.vars)} for f in preview.faults
        ],
    }


@router.get("/unit-lists/{list_id}")
async def get_list(request: Request, list_id: str, principal: Importer) -> Response:
    """An uploaded list: its changes, its faulty rows, whether it was confirmed."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        kept = await service.found(con, list_id)
    return Response(msgspec.json.encode(_shown(kept, runtime.texts)), media_type="application/json")


@router.post("/unit-lists/{list_id}/confirmation")
async def post_confirmation(list_id: str, principal: Importer, command: AnyCommand) -> Response:
    """Do exactly what the preview shows; 409 tells what has changed since."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.confirm(con, context, principal, list_id, command.runtime.texts)

    return await command.run(work)


@router.get("/unit-list-template.xlsx")
async def get_template(request: Request, _: Importer) -> Response:
    """An empty list with the headings that are understood; codes are text."""
    runtime, lang = get_runtime(request), language_of(request)
    titles = [runtime.texts.get(lang, f"unitlists.columns.{c}").split("|")[0] for c in COLUMNS]
    content = workbooks.template(titles, set(range(len(titles))), runtime.texts.get(lang, "unitlists.sheet"))
    return workbook(content, runtime.texts.get(lang, "unitlists.template"))
