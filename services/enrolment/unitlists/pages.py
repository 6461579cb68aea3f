"""Pages of lists of units: upload, what it would change, confirm."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from services.enrolment.classes.pages import back, mistakes
from services.enrolment.unitlists import service, store
from services.enrolment.unitlists.routes import Importer, read_upload
from services.enrolment.unitlists.store import UnitList
from services.enrolment.wording.service import part
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand
from shared.pages import language_of, render
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.texts import Texts

router = APIRouter(include_in_schema=False)
PER_PAGE: Final = 50
MOST_FAULTS: Final = 500


@router.get("/unit-lists")
async def list_page(request: Request, principal: Importer, page: Annotated[int, Query(ge=1)] = 1) -> Response:
    """The form for a list, and the lists uploaded so far."""
    return await _lists(request, principal, page)


@router.post("/unit-lists")
async def upload_page(
    request: Request,
    principal: Importer,
    command: AnyCommand,
    file: Annotated[UploadFile, File()],
    span: Annotated[str, Form()] = "",
) -> Response:
    """Upload from the form; ``span`` says whether the file names every unit: part, whole. A refusal shows the form again."""
    if span not in {"part", "whole"}:
        return await _lists(request, principal, 1, Problem(422, "list-span-unsaid"))
    try:
        new = await read_upload(
            principal.own_code(*service.IMPORTERS), file, whole=span == "whole", texts=command.runtime.texts
        )

        async def work(con: Connection, context: Context) -> dict[str, Any]:
            return {"list_id": (await service.upload(con, context, principal, new, command.runtime.texts)).list_id}

        answer, _ = await command.perform(work, status=201)
    except Problem as refused:
        return await _lists(request, principal, 1, refused, span)
    return back(f"/unit-lists/{msgspec.json.decode(answer)['list_id']}/page")


async def _lists(
    request: Request, principal: Principal, page: int, refused: Problem | None = None, span: str = ""
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        total, lists = await store.listed(con, page, PER_PAGE)
    errors = mistakes(request, refused, "span" if refused and refused.code == "list-span-unsaid" else "file")
    return render(request, "unit_lists.html", refused.status if refused else 200, now=await runtime.now(), lists=lists,
                  total=total, page=page, per=PER_PAGE, errors=errors, failed=bool(errors), span=span)  # fmt: skip


@router.get("/unit-lists/{list_id}/page")
async def preview_page(
    request: Request, list_id: str, principal: Importer, show: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """What confirming would change, and the rows to correct; afterwards, what was changed."""
    return await _preview(request, principal, list_id, show, page)


@router.post("/unit-lists/{list_id}/page")
async def confirm_page(request: Request, list_id: str, principal: Importer, command: AnyCommand) -> Response:
    """Confirm from the page; where the tree has changed, the page says what."""

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.confirm(con, context, principal, list_id, command.runtime.texts)

    refused = await command.attempt(work)
    if isinstance(refused, Problem):
        return await _preview(request, principal, list_id, "", 1, refused)
    return back(f"/unit-lists/{list_id}/page")


async def _preview(
    request: Request, principal: Principal, list_id: str, show: str, page: int, refused: Problem | None = None
) -> Response:
    runtime, lang = get_runtime(request), language_of(request)
    async with runtime.db.read(principal) as con:
        kept = await service.found(con, list_id)
        kinds = service.kind_names(await store.kinds(con), runtime.texts)
        names = await service.superior_names(con, kept)
    counts = service.counts(kept.preview.changes)
    chosen = show if counts.get(show) else next((what for what, n in counts.items() if n), "")
    changes = [c for c in kept.preview.changes if c.what == chosen]
    errors = mistakes(request, refused)
    return render(
        request, "unit_list.html", refused.status if refused else 200, now=await runtime.now(), errors=errors, failed=bool(errors),
        kept=kept, kinds=kinds, names=names, counts=counts, chosen=chosen, changes=changes[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(changes), page=page, per=PER_PAGE, faults=_faults(kept, runtime.texts, lang), outdated=refused is not None and refused.code == "list-outdated",
    )  # fmt: skip


def _faults(kept: UnitList, texts: Texts, lang: str) -> list[dict[str, Any]]:
    """One line per mistake, as the table shows it."""
    return [
        {
            "row": f.row,
            "name": f.name or f.code or "—",
            "what": part(texts, lang, f.problem, "detail", f.vars),
            "how": part(texts, lang, f.problem, "remedy", f.vars),
        }
        for f in kept.preview.faults[:MOST_FAULTS]
    ]
