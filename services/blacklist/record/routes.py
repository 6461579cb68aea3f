"""JSON route of the integrity record."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from services.blacklist.record import store
from shared.auth import Principal, allow
from shared.runtime import get_runtime

router = APIRouter(tags=["record"])
Reader = Annotated[Principal, Depends(allow("province", "city", "county", "school", "institution", "teacher"))]


@router.get("/record")
async def get_record(request: Request, person: str, principal: Reader) -> dict[str, Any]:
    """A person's facts, oldest first, as far as the caller's scope reaches."""
    async with get_runtime(request).db.read(principal) as con:
        return {"person_id": person, "facts": await store.record_of(con, person)}
