"""The JSON route of papers that belong to no class."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.responses import Response

from services.enrolment.classes.routes import working
from services.enrolment.documents.routes import read_upload
from services.enrolment.papers import service
from shared.auth import Principal, allow
from shared.http import AnyCommand

router = APIRouter(tags=["documents"])
Owing = Annotated[Principal, Depends(allow(*service.WRITERS))]
Seeing = Annotated[Principal, Depends(allow(*service.READERS))]


@router.post("/papers")
async def post_paper(
    _: Owing, command: AnyCommand, file: Annotated[UploadFile, File()], programme: Annotated[str, Form()],
    project: Annotated[str, Form()], unit: Annotated[str, Form()], document: Annotated[str, Form()],
    sealed: Annotated[bool, Form()] = False,  # noqa: FBT002  (a form's tick)
) -> Response:  # fmt: skip
    """Hand in a paper of a project; late is taken too, and stays late."""
    upload, content = await read_upload(file, sealed=sealed)
    wanted = service.Wanted(key=programme, project=project, unit=unit)
    return await command.run(
        working(command, lambda act: service.hand_in(act, wanted, document, upload, content)), status=201
    )
