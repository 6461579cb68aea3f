"""The sink's own pages and JSON: what was received, as its receivers read it, and the switches."""

from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from deploy.sink.behaviour import Behaviour, Channel, Mode
from deploy.sink.box import Message
from deploy.sink.desk import Desk, desk_of
from deploy.sink.guests import admit
from shared.pages import render

open_to_all = APIRouter()
router = APIRouter(dependencies=[Depends(admit)])
AtDesk = Annotated[Desk, Depends(desk_of)]
PAGE: Final = 50
OTHERS: Final = 20


class Forget(BaseModel):
    """How many of a channel's newest messages to drop."""

    channel: str
    count: int = Field(default=1, ge=1, le=1000)


@open_to_all.get("/healthz", status_code=204)
async def healthz() -> Response:
    """The process answers."""
    return Response(status_code=204)


@open_to_all.get("/readyz")
async def readyz() -> dict[str, bool]:
    """The process takes mails and SMS."""
    return {"ready": True}


@open_to_all.get("/pending")
async def pending(desk: AtDesk) -> dict[str, int]:
    """Receipts that the sender has not taken yet."""
    return {"pending": len(desk.box.owed)}


@router.get("/messages.json")
async def messages(
    desk: AtDesk, to: str | None = None, channel: str | None = None, reference: str | None = None
) -> Response:
    """Everything received, the oldest first; ``reference`` is the sender's id of an attempt."""
    found = [m for m in desk.box.messages if _fits(m, to, channel) and reference in {None, m.attempt_id}]
    return Response(msgspec.json.encode({"messages": found}), media_type="application/json")


def _fits(message: Message, to: str | None, channel: str | None) -> bool:
    return (not to or message.to == to) and (not channel or message.channel == channel)


@router.get("/behaviour")
async def shown(desk: AtDesk) -> list[Behaviour]:
    """The behaviours in force."""
    return desk.switchboard.shown()


@router.post("/behaviour", status_code=204)
async def behave(behaviour: Behaviour, desk: AtDesk) -> Response:
    """Behave so from now on."""
    desk.switchboard.set(behaviour)
    return Response(status_code=204)


@router.post("/switch")
async def switch(desk: AtDesk, channel: Annotated[Channel, Form()], mode: Annotated[Mode, Form()]) -> Response:
    """The same from the page's form."""
    desk.switchboard.set(Behaviour(channel=channel, mode=mode, seconds=15))
    return RedirectResponse("/sink/", 303)


@router.post("/forget")
async def forget(asked: Forget, desk: AtDesk) -> dict[str, int]:
    """Drop the newest messages (to show that a check can fail)."""
    return {"forgotten": desk.box.forget(asked.channel, asked.count)}


@router.get("/")
async def page(
    request: Request,
    desk: AtDesk,
    to: str | None = None,
    channel: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """The list, the newest first."""
    found = [m for m in reversed(desk.box.messages) if _fits(m, to, channel)]
    rows = found[(page - 1) * PAGE : page * PAGE]
    return render(request, "inbox.html", rows=rows, total=len(found), page=page, per=PAGE, to=to or "", channel=channel or "",
                  behaviours={b.channel: b.mode for b in desk.switchboard.shown()})  # fmt: skip


@router.get("/messages/{n}")
async def one(request: Request, n: int, desk: AtDesk) -> Response:
    """One message as its receiver reads it."""
    return render(request, "message.html", message=_found(desk, n), **_around(desk, n))


@router.get("/messages/{n}/html")
async def html(n: int, desk: AtDesk) -> Response:
    """The HTML part alone, for a frame: it may load nothing and run nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(_found(desk, n).html or "", media_type="text/html; charset=utf-8",
                    headers={"content-security-policy": policy, "x-content-type-options": "nosniff"})  # fmt: skip


def _found(desk: Desk, n: int) -> Message:
    found = next((m for m in desk.box.messages if m.n == n), None)
    if found is None:
        raise HTTPException(404)
    return found


def _around(desk: Desk, n: int) -> dict[str, Any]:
    message = _found(desk, n)
    others = [m for m in reversed(desk.box.messages) if m.to == message.to and m.n != n][:OTHERS]
    return {"dated": parsedate_to_datetime(message.dated) if message.dated else None,
            "others_tasks": [{"href": f"/sink/messages/{m.n}", "title": m.subject or m.text} for m in others]}  # fmt: skip
