"""The teacher's own page, for a phone: when, where, whom to call, and the code to show."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.enrolment.checkin import store
from services.enrolment.checkin.domain import make_token
from services.enrolment.checkin.store import Own
from services.enrolment.classes.domain import Class
from services.enrolment.classes.routes import codes_key
from services.enrolment.classes.store import find_class, institution_of, staff_of
from services.enrolment.documents.store import notices
from services.enrolment.programmes.service import policy_of
from shared.auth import Principal, allow
from shared.db import Connection
from shared.pages import render
from shared.policy import Policy
from shared.policy.lookup import project
from shared.policy.moments import local_day
from shared.runtime import Runtime, get_runtime

router = APIRouter(include_in_schema=False)
STEPS = ("selected", "registered", "checked_in", "excused", "completed", "dropout", "revoked")


@router.get("/me")
async def me_page(request: Request, principal: Annotated[Principal, Depends(allow("teacher"))]) -> Response:
    """My training: the newest place first."""
    runtime = get_runtime(request)
    ids = [g.person_id for g in principal.grants if g.person_id]
    async with runtime.db.read(principal) as con:
        places = await store.own_places(con, ids)
        cards = [await _card(request, runtime, con, place) for place in places]
    return render(
        request, "me.html", now=await runtime.now(), cards=cards, name=places[0].name if places else principal.name
    )


async def _card(request: Request, runtime: Runtime, con: Connection, place: Own) -> dict[str, Any]:
    policy = (await policy_of(con, place.programme_id)).policy
    klass = await find_class(con, place.class_id) if place.class_id else None
    card: dict[str, Any] = {"place": place, "policy": policy, "project": project(policy, place.project).names,
                            "klass": klass, "steps": _steps(place)}  # fmt: skip
    if klass is None:
        return card
    now = await runtime.now()
    over = klass.status in {"ended", "cancelled"} or any((place.revoked_at, place.dropout_at, place.checked_in_at))
    return card | {
        "institution": await institution_of(con, klass),
        "staff": [s for s in await staff_of(con, klass.class_id) if s.role in _contacts(policy)],
        "notices": await notices(con, klass.class_id),
        "days": (klass.starts_on - local_day(now, policy.calendar)).days,
        "address": None if over or place.code is None else _address(request, runtime, klass, place),
    }


def _contacts(policy: Policy) -> set[str]:
    """The roles that trainees may call about check-in (A09)."""
    return {role.role for role in policy.classes.staff if role.checkin_contact}


def _address(request: Request, runtime: Runtime, klass: Class, place: Own) -> str:
    """What the QR code holds: the page that staff open by scanning it."""
    origin = runtime.settings.gateway_url or str(request.base_url)
    return f"{origin.rstrip('/')}/enrolment/checkin/{make_token(codes_key(runtime), klass.class_id, place.place_id)}"


def _steps(place: Own) -> Sequence[Mapping[str, Any]]:
    """What happened to the place, in the order of time."""
    moments = [(getattr(place, f"{step}_at"), step) for step in STEPS]
    return [
        {"at": at, "what": step} for at, step in sorted((m for m in moments if m[0] is not None), key=lambda m: m[0])
    ]
