"""A service behind the gateway whose answers the tests decide; it notes what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

YEAR = {"policy_key": "k", "name": {"zh": "示例年度", "en": "Sample year"}, "projects": 1, "units": 3, "quota": 20,
        "selected": 20, "registered": 19, "expected": 20, "checked_in": 18, "completed": 17, "classes": 1,
        "classes_opened": 1}  # fmt: skip


class Service:
    """One app for all the names; paths begin with the name, as real ones do."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.more = asyncio.Event()
        self.got_first = asyncio.Event()
        self.now = datetime.fromisoformat("2021-08-19T09:00:00+08:00")
        self.due: datetime | None = self.now + timedelta(hours=3)
        self.hold = asyncio.Event()
        self.hold.set()
        self.parked: dict[str, list[dict[str, Any]]] = {}
        self.unidentified: list[dict[str, Any]] = []
        self.aside: list[dict[str, Any]] = []
        self.years: list[dict[str, Any]] = [YEAR]
        self.app = Starlette(routes=[
            Route("/{name}/echo{rest:path}", self.echo, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            Route("/{name}/slow", self.slow), Route("/{name}/drink", self.drink, methods=["POST"]),
            Route("/{name}/away", self.away), Route("/{name}/cookies", self.cookies),
            Route("/{name}/_time", self.time, methods=["GET", "POST"]), Route("/{name}/readyz", self.ready),
            Route("/{name}/summary.json", self.summary), Route("/sink/pending", self.pending),
            Route("/{name}/broken", self.broken), Route("/{name}/parked", self.list_parked),
            Route("/{name}/parked/redrive", self.redrive, methods=["POST"]),
            Route("/{name}/parked/{record:int}/aside", self.put_aside, methods=["POST"]),
        ])  # fmt: skip

    async def echo(self, request: Request) -> Response:
        body = await request.body()
        seen = {"method": request.method, "path": request.scope["raw_path"].decode(), "query": request.url.query,
                "headers": dict(request.headers), "body": body.decode("latin-1")}  # fmt: skip
        self.seen.append(seen)
        return JSONResponse(seen, 418)

    async def slow(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first"
            await self.more.wait()
            yield b"second"

        return StreamingResponse(pieces(), media_type="text/plain")

    async def drink(self, request: Request) -> Response:
        total = 0
        async for piece in request.stream():
            total += len(piece)
            self.got_first.set()
        return JSONResponse({"total": total})

    async def away(self, _: Request) -> Response:
        return RedirectResponse("/notify/elsewhere?x=1", 303)

    async def cookies(self, _: Request) -> Response:
        answer = Response("x", headers={"etag": '"7"', "referrer-policy": "no-referrer"})
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer

    async def broken(self, _: Request) -> Response:
        raise RuntimeError("the service breaks")

    async def ready(self, _: Request) -> Response:
        return JSONResponse({"ready": True})

    async def time(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer service-token":
            return Response(status_code=401)
        if request.method == "POST":
            await self.hold.wait()
            self.now = datetime.fromisoformat((await request.json())["to"])
            self.due = None if self.due is None or self.due <= self.now else self.due
        due = self.due.isoformat() if self.due else None
        return JSONResponse({"now": self.now.isoformat(), "next_due": due, "outbox": 0, "behind": 0, "parked": 0})

    async def summary(self, request: Request) -> Response:
        signed = request.headers.get("authorization", "").startswith("Bearer ey")
        return JSONResponse({"present": "k", "years": self.years}) if signed else Response(status_code=401)

    async def pending(self, _: Request) -> Response:
        return JSONResponse({"pending": 0})

    async def list_parked(self, request: Request) -> Response:
        groups = self.parked.get(request.path_params["name"], [])
        said = {"groups": groups, "unidentified": self.unidentified, "aside": self.aside} if groups else {"groups": []}
        return JSONResponse(said) if _is_ops(request) else Response(status_code=403)

    async def redrive(self, request: Request) -> Response:
        if not _is_ops(request):
            return Response(status_code=403)
        groups = self.parked.pop(request.path_params["name"], [])
        return JSONResponse({"applied": sum(g["records"] for g in groups), "failed": 0})

    async def put_aside(self, request: Request) -> Response:
        if not _is_ops(request):
            return JSONResponse({"code": "role-missing"}, 403)
        if request.path_params["record"] != self.unidentified[0]["id"]:
            return JSONResponse({"code": "stream-waits"}, 409)
        record = self.unidentified.pop()
        self.aside.append({**record, **await request.json(), "actor": "ops", "put_aside_at": "2021-08-19T01:00:00Z"})
        return Response(status_code=204)


def _is_ops(request: Request) -> bool:
    """As a service would find it in the token."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    return any(g["role"] == "ops" for g in claims["grants"])
