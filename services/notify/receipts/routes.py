"""Where the SMS provider pushes its receipts."""

from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from services.notify.receipts.service import Receipt, take
from services.notify.settings import NotifySettings
from shared.auth import Allow, Grant, Principal, is_shared
from shared.runtime import get_runtime

router = APIRouter(tags=["receipts"])
PROVIDER_ZONE: Final = ZoneInfo("Asia/Shanghai")  # the provider writes local times without a zone
AT_ONCE: Final = 1000


class SmsReport(BaseModel):
    """One element of the provider's array; what else it says is not read."""

    out_id: str = Field(max_length=200)
    success: bool
    err_code: str = Field(default="", max_length=100)
    report_time: datetime | None = None


class Provider(Allow):
    """The service token, or the key that was given to the provider as part of the address."""

    async def __call__(self, request: Request) -> Principal:
        """The provider, or whoever has the service token."""
        settings = NotifySettings.of(get_runtime(request).settings)
        if is_shared(request.query_params.get("key", ""), settings.receipts_key, settings.receipts_key_old):
            return Principal("provider", "provider", (Grant("service"),))
        return await super().__call__(request)


@router.post("/receipts/sms")
async def take_sms(
    request: Request,
    reports: Annotated[list[SmsReport], Field(max_length=AT_ONCE)],
    _: Annotated[Principal, Depends(Provider("service"))],
) -> dict[str, int | str]:
    """Take a batch of receipts; repeated ones change nothing, unknown ids are kept."""
    runtime = get_runtime(request)
    now = await runtime.now()
    async with runtime.db.write() as con:
        await take(con, [_receipt(r) for r in reports], now)
    runtime.wake()
    runtime.kick("dispatch")
    return {"code": 0, "msg": "OK"}


def _receipt(report: SmsReport) -> Receipt:
    at = report.report_time
    return Receipt(report.out_id, report.success, report.err_code or ("DELIVERED" if report.success else "unknown"),
                   at.replace(tzinfo=PROVIDER_ZONE) if at and at.tzinfo is None else at)  # fmt: skip
