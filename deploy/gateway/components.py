"""Every component on one page, for whoever builds the next page. Shown in demonstrations only."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from deploy.gateway.front import present
from deploy.gateway.runtime import gateway_of, greet
from deploy.gateway.status import healths
from shared.pages import render

router = APIRouter()


@router.get("/_components")
async def components(request: Request) -> Response:
    """The page; its words are samples."""
    greet(request)
    return render(request, "components.html", now=present(await healths(gateway_of(request))))
