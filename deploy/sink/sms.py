"""The SMS gateway that speaks HTTP: send, look up, push receipts."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from deploy.sink.behaviour import Behaviour, Order
from deploy.sink.mailbox import Mailbox, Message
from deploy.sink.receipts import Receipts

router = APIRouter(prefix="/sink/sms")


class Send(BaseModel):
    """A template with its variables; ``text`` is what the registered template gives with them."""

    phone: str
    signature: str
    template: str
    variables: dict[str, Any]
    text: str
    out_id: str


@router.post("/send")
async def send(request: Request, body: Send) -> JSONResponse:
    """Accept, refuse, or misbehave as told."""
    behaviour: Behaviour = request.app.state.behaviour
    order = behaviour.next("sms")
    if order.mode == "fail":
        return JSONResponse({"code": "isv.MOBILE_NUMBER_ILLEGAL"})
    if order.mode == "busy":
        return JSONResponse({"code": "isv.BUSINESS_LIMIT_CONTROL"}, 429)
    first = keep(request, body)
    if order.mode == "twice":
        keep(request, body)
    report(request, first, order)
    if order.mode in {"late_answer", "drop_answer"}:
        await asyncio.sleep(order.seconds)
    if order.mode == "drop_answer":
        return JSONResponse({"code": "gateway lost"}, 504)
    return JSONResponse({"code": "OK", "biz_id": f"biz-{first.n}"})


def keep(request: Request, body: Send) -> Message:
    """Put the SMS into the mailbox."""
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox.keep(Message(n=mailbox.next_number(), channel="sms", to=body.phone, text=body.signature + body.text,
                                reference=body.out_id, received_at=datetime.now(UTC).isoformat(),
                                template=body.template, variables=body.variables))  # fmt: skip


def report(request: Request, message: Message, order: Order) -> None:
    """Push the receipt that the order asks for."""
    receipts: Receipts = request.app.state.receipts
    if order.mode != "no_receipt":
        delay = order.seconds if order.mode == "late_receipt" else 0
        receipts.push(message, success=order.mode != "fail_receipt", delay=delay)


@router.get("/query")
async def query(request: Request, out_id: str) -> dict[str, Any]:
    """What became of an attempt, by the sender's own id."""
    mailbox: Mailbox = request.app.state.mailbox
    found = mailbox.find(channel="sms", reference=out_id)
    if not found:
        return {"found": False, "status": None, "biz_id": None}
    status = found[0].receipt if found[0].receipt != "none" else "accepted"
    return {"found": True, "status": status, "biz_id": f"biz-{found[0].n}"}
