"""The SMS gateway's HTTP side: send by registered template, and look up by the sender's own reference."""

import asyncio
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final
from uuid import uuid4

import yaml
from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from deploy.sink.behaviour import Behaviour
from deploy.sink.desk import Desk, desk_of
from shared.texts import LOADER

router = APIRouter(prefix="/sms")
AtDesk = Annotated[Desk, Depends(desk_of)]
ONE_PART, LONG_PART = 70, 67
FRAME: Final = "frame"
PLAIN: Final = "signature"
OF: Final = "signature of"


class Order(BaseModel):
    """One message: template and variables, never free text. ``out_id`` is the sender's reference."""

    phone_number: str = Field(max_length=20)
    sign_name: str = Field(max_length=40)
    template_code: str = Field(max_length=100)
    template_param: dict[str, str]
    out_id: str = Field(max_length=200)


def registered(path: Path) -> dict[str, str]:
    """What was registered with this provider: the Chinese texts under ``sms`` of a texts file, and its signatures."""
    texts = yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506  (a safe loader, in C)
    said: dict[str, dict[str, str]] = {**texts["sms"], PLAIN: texts["senders"]["plain"], OF: texts["senders"]["of"]}
    return {key: text["zh"] for key, text in said.items()}


@router.post("/send")
async def send(order: Order, desk: AtDesk) -> Response:
    """Take a message, or refuse it with the provider's code."""
    behaviour = desk.switchboard.next("sms", order.phone_number)
    if behaviour.mode == "busy":
        return JSONResponse({"code": "isv.BUSINESS_LIMIT_CONTROL"}, status_code=429)
    refusal = behaviour.code or "isv.MOBILE_NUMBER_ILLEGAL" if behaviour.mode == "fail" else _refusal(order, desk)
    if refusal:
        return JSONResponse({"code": refusal, "message": refusal, "request_id": str(uuid4())})
    if behaviour.mode == "lose":
        await asyncio.sleep(behaviour.seconds)
        return Response(status_code=504)
    biz_id = _take(order, desk, behaviour)
    if behaviour.mode == "late_answer":
        await asyncio.sleep(behaviour.seconds)
    if behaviour.mode == "drop_answer":
        return Response(status_code=502)
    return JSONResponse({"code": "OK", "message": "OK", "request_id": str(uuid4()), "biz_id": biz_id})


def _refusal(order: Order, desk: Desk) -> str | None:
    template = desk.templates.get(order.template_code)
    if not _signed(order.sign_name, desk):
        return "isv.SMS_SIGNATURE_ILLEGAL"
    if template is None or order.template_code in {PLAIN, OF, FRAME}:
        return "isv.SMS_TEMPLATE_ILLEGAL"
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name}
    return None if wanted == set(order.template_param) else "isv.TEMPLATE_MISSING_PARAMETERS"


def _signed(name: str, desk: Desk) -> bool:
    """Whether a signature is the plain one, or an organisation's in the form that was agreed."""
    before, _, after = desk.templates[OF].partition("{root}")
    return name == desk.templates[PLAIN] or (name.startswith(before) and name.endswith(after) and name != after)


def _take(order: Order, desk: Desk, behaviour: Behaviour) -> str:
    text = desk.templates[order.template_code].format(**order.template_param)
    whole = desk.templates[FRAME].format(signature=order.sign_name, text=text)
    parts = 1 if len(whole) <= ONE_PART else -(-len(whole) // LONG_PART)
    message = desk.box.keep(
        channel="sms",
        message_id=order.out_id.partition(".")[0],
        attempt_id=order.out_id,
        to=order.phone_number,
        sender=order.sign_name,
        text=whole,
        template=order.template_code,
        variables=order.template_param,
        parts=parts,
    )
    desk.report(message, behaviour)
    return f"biz-{message.n}"


@router.get("/query")
async def query(out_id: str, desk: AtDesk) -> dict[str, Any]:
    """Whether a message with this reference was taken."""
    found = desk.box.find(out_id)
    return {
        "code": "OK",
        "found": bool(found),
        **({"biz_id": f"biz-{found[0].n}", "status": found[0].receipt} if found else {}),
    }
