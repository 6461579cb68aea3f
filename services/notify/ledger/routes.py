"""The ledger as JSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from services.notify.ledger.service import ROLES, as_json
from services.notify.ledger.store import Asked
from shared.auth import Principal, allow
from shared.runtime import get_runtime

router = APIRouter(tags=["ledger"])


@router.get("/ledger.json")
async def get_ledger(
    request: Request,
    principal: Annotated[Principal, Depends(allow(*ROLES))],
    class_id: Annotated[str | None, Query(alias="class")] = None,
    person: str | None = None,
) -> dict[str, Any]:
    """What went to whom, when, and why not, in the caller's scope; ``summary.accepted`` counts messages by channel."""
    return await as_json(get_runtime(request), principal, Asked(class_id, person))
