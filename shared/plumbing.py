"""The routes that every service has: health, readiness, metrics, parked messages, simulated time."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from shared import aside
from shared.auth import Principal, allow
from shared.clock import SteppedClock
from shared.db import load_queries
from shared.parking import list_parked, redrive
from shared.problems import Problem
from shared.runtime import Runtime, get_runtime
from shared.ticker import next_due, run_due

Q = load_queries(__file__, "plumbing.sql")
router = APIRouter()
Ops = Annotated[Principal, Depends(allow("ops", "service"))]


class Instant(BaseModel):
    """A business instant to step to, with offset."""

    to: datetime


class Redrive(BaseModel):
    """Which stream to apply again; None means every parked one."""

    stream: str | None = None


class Aside(BaseModel):
    """Why a record that is no event may stay unread; kept with who says it."""

    reason: str = Field(min_length=1, max_length=aside.WORDS, pattern=r"\S")


@router.get("/healthz", status_code=204)
async def healthz() -> Response:
    """The process answers."""
    return Response(status_code=204)


@router.get("/readyz")
async def readyz(request: Request) -> dict[str, bool]:
    """The process can do its work: database there, consumer's partitions assigned."""
    runtime = get_runtime(request)
    async with runtime.db.system() as con:
        await con.fetchval(Q.ping)
    if runtime.consumer is not None and not runtime.consumer.ready:
        raise Problem(503, "not-ready")
    return {"ready": True}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus."""
    return Response(await get_runtime(request).metrics.exposition(), media_type="text/plain; version=0.0.4")


@router.get("/parked")
async def parked(request: Request, _: Ops) -> dict[str, Any]:
    """What is stuck, by cause, and what waits for it; each record that is no event; what was put aside last."""
    db = get_runtime(request).db
    return {
        "groups": await list_parked(db),
        "unidentified": await aside.unidentified(db),
        "aside": await aside.lately(db),
    }


@router.post("/parked/{record}/aside", status_code=204)
async def put_aside(
    request: Request, record: Annotated[int, Path(le=2**63 - 1)], body: Aside, principal: Ops
) -> Response:
    """Put a record that is no event aside for good. 409 parked-event or stream-waits when it may be one."""
    await aside.put_aside(get_runtime(request).db, record, body.reason.strip(), principal.subject)
    return Response(status_code=204)


@router.post("/parked/redrive")
async def redrive_parked(request: Request, body: Redrive, _: Ops) -> dict[str, Any]:
    """Apply parked events again, in order; beside the running consumer."""
    runtime = get_runtime(request)
    if runtime.consumer is None:
        raise Problem(404, "out-of-scope")
    done = await redrive(runtime.db, runtime.consumer, body.stream)
    runtime.wake()
    return {"applied": done.applied, "failed": done.failed}


@router.get("/_time")
async def read_time(request: Request, _: Annotated[Principal, Depends(allow("service"))]) -> dict[str, Any]:
    """The business instant, the next one with work, and what is still under way."""
    return await _state(get_runtime(request))


@router.post("/_time")
async def step_time(
    request: Request, body: Instant, _: Annotated[Principal, Depends(allow("service"))]
) -> dict[str, int]:
    """Step this service's clock and do what is due (stepped clock only); gives how much that was."""
    runtime = get_runtime(request)
    if not isinstance(runtime.clock, SteppedClock):
        raise Problem(409, "clock-is-real")
    now = await runtime.clock.step(body.to)
    done = await run_due(runtime.jobs, now)
    runtime.wake()
    return {"done": done}


async def _state(runtime: Runtime) -> dict[str, Any]:
    """In the order in which work goes on, so that what one look misses the next one sees: read, due, told."""
    behind = await runtime.consumer.behind() if runtime.consumer else 0
    due = await next_due(runtime.jobs)
    async with runtime.db.system() as con:
        row = await con.fetchrow(Q.under_way)
    return {"now": await runtime.now(), "next_due": due, "outbox": row["outbox"],
            "parked": row["parked"], "behind": behind}  # fmt: skip
