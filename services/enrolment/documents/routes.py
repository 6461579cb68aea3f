"""JSON routes of documents: hand one in, read one back."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.datastructures import UploadFile as UploadedFile
from starlette.responses import Response

from services.enrolment.classes.routes import READERS, working
from services.enrolment.documents import service
from services.enrolment.documents.domain import MAX_BYTES, Upload
from shared.auth import Principal, allow
from shared.files import FILES
from shared.http import AnyCommand
from shared.runtime import get_runtime

router = APIRouter(tags=["documents"])
HEAD = 16


async def read_upload(file: UploadedFile, *, sealed: bool) -> tuple[Upload, bytes]:
    """A file as it came, read no further than one byte above the limit."""
    content = await file.read(MAX_BYTES + 1)
    return Upload(name=file.filename or "", head=content[:HEAD], size=len(content), sealed=sealed), content


@router.post("/classes/{class_id}/documents")
async def post_document(
    class_id: str, _: Annotated[Principal, Depends(allow("institution"))],
    command: AnyCommand, file: Annotated[UploadFile, File()],
    document: Annotated[str, Form()], sealed: Annotated[bool, Form()] = False,  # noqa: FBT002  (a form's tick)
) -> Response:  # fmt: skip
    """Hand in a document of a class; late is taken too, and stays late."""
    upload, content = await read_upload(file, sealed=sealed)
    return await command.run(
        working(command, lambda act: service.hand_in(act, class_id, document, upload, content)), status=201
    )


@router.get("/documents/{document_id}/file")
async def get_file(
    request: Request, document_id: str, principal: Annotated[Principal, Depends(allow(*READERS))]
) -> Response:
    """The file of a document, as it was handed in."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        found = await service.readable(con, principal, document_id)
    async with runtime.db.system() as con:  # the reader role sees no bytes
        content = await FILES.read(con, found.file_id)
    name = f"attachment; filename*=UTF-8''{quote(found.file_name)}"
    headers = {"content-disposition": name, "x-content-type-options": "nosniff"}
    return Response(content, headers=headers, media_type=found.media_type)
