"""The form that hands in a document of a class."""

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.enrolment.classes.pages import attempt, back, mistakes, typed
from services.enrolment.classes.routes import Institution
from services.enrolment.classes.service import visible
from services.enrolment.documents import service
from services.enrolment.documents.domain import MAX_BYTES, kinds
from services.enrolment.documents.routes import read_upload
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal
from shared.http import AnyCommand
from shared.pages import render
from shared.problems import Problem
from shared.runtime import get_runtime

router = APIRouter(include_in_schema=False)
FIELD_OF = {"seal-not-confirmed": "sealed"}


@router.get("/classes/{class_id}/documents/page")
async def document_page(request: Request, class_id: str, principal: Institution, document: str = "") -> Response:
    """What one document must be, and the form for it."""
    return await _form(request, principal, class_id, document)


@router.post("/classes/{class_id}/documents/page")
async def document_form(request: Request, class_id: str, principal: Institution, command: AnyCommand) -> Response:
    """Hand it in; the answer says whether it came in time."""
    form = await request.form()
    key, file = typed(form, "document"), form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _form(request, principal, class_id, key, Problem(422, "document-missing"))
    upload, content = await read_upload(file, sealed=bool(typed(form, "sealed")))
    done = await attempt(command, lambda act: service.hand_in(act, class_id, key, upload, content))
    if isinstance(done, Problem):
        return await _form(request, principal, class_id, key, done)
    return back(f"/classes/{class_id}/page?done={'handed_in' if done['on_time'] else 'handed_in_late'}")


async def _form(
    request: Request, principal: Principal, class_id: str, key: str, refused: Problem | None = None
) -> Response:
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.read(principal) as con:
        klass = await visible(con, principal, class_id)
        principal.require(klass.institution_path, "institution")
        policy = (await policy_of(con, klass.programme_id)).policy
        owed = await service.obligations(con, policy, klass, now)
    chosen = next((o for o in owed if o.document.key == key and o.by_file), None)
    if chosen is None:
        raise Problem(404, "document-not-owed", document=key)
    errors = mistakes(request, refused, FIELD_OF.get(refused.code, "file") if refused else None)
    return render(request, "document_form.html", refused.status if refused else 200, now=now, klass=klass, policy=policy,
                  o=chosen, kinds=kinds(chosen.document), limit=MAX_BYTES // 1024 // 1024, errors=errors, failed=bool(errors))  # fmt: skip
