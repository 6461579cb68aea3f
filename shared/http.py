"""Commands over HTTP: one transaction each, done once per Idempotency-Key, answered the same when repeated."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from shared.auth import Principal, authenticate
from shared.context import Context
from shared.crashpoint import reach
from shared.db import Connection, Database, load_queries
from shared.problems import Problem
from shared.runtime import Runtime, get_runtime
from shared.telemetry.trace import trace_id

__all__ = ["AnyCommand", "Command", "Problem", "forget_answers"]

Q = load_queries(__file__, "http.sql")
KEY_LENGTH: Final = 200
CORRELATION: Final = re.compile(r"[\x21-\x7e]{1,200}")  # it becomes a header of every event
VERSION: Final = re.compile(r'"?([0-9]{1,9})"?')
KEPT_DAYS: Final = 30  # how long a repeated key gives the stored answer
AT_ONCE: Final = 10_000
FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
Work = Callable[[Connection, Context], Awaitable[Any]]


class Command:
    """One command of one request. ``run`` may be called once."""

    def __init__(self, runtime: Runtime, principal: Principal, request: Request, fingerprint: bytes) -> None:
        self.runtime = runtime
        self.principal = principal
        self.key = request.headers.get("idempotency-key", "")
        self._fingerprint = fingerprint
        self._route = f"{request.method} {request.url.path}"
        self._traceparent: str = request.state.traceparent
        correlation = request.headers.get("x-correlation-id", "")
        self._correlation = correlation if CORRELATION.fullmatch(correlation) else trace_id(self._traceparent)
        self._if_match = request.headers.get("if-match")

    @property
    def if_match(self) -> int | None:
        """The stream version that the caller saw, if it said so. Problem 400 if-match-unreadable."""
        if self._if_match in {None, "*"}:
            return None
        seen = VERSION.fullmatch(self._if_match or "")
        if seen is None:
            raise Problem(400, "if-match-unreadable")
        return int(seen[1])

    async def run(self, work: Work, status: int = 200) -> Response:
        """Do ``work`` and store its answer in one transaction; a repeated key gives the stored answer.

        What ``work`` gives back becomes the JSON body; a ``version`` member becomes the ETag.
        """
        answer, status = await self.perform(work, status)
        return respond(answer, status)

    async def perform(self, work: Work, status: int = 200) -> tuple[bytes, int]:
        """As ``run``, for pages: gives the JSON answer and the status instead of a response."""
        if not 0 < len(self.key) <= KEY_LENGTH:
            raise Problem(400, "idempotency-key-missing")
        async with self.runtime.db.write() as con:
            stored = await self._claim(con)
            if stored:
                return stored
            answer = msgspec.json.encode(await work(con, await self.context(con)))
            await con.execute(Q.keep_answer, self.principal.subject, self.key, status, answer)
            reach("command.before_commit")
        reach("command.after_commit")
        self.runtime.wake()
        return answer, status

    async def attempt(self, work: Work, status: int = 200) -> dict[str, Any] | Problem:
        """As ``run``, for a page that shows its form again: the answer, or the refusal. What is out of scope is not shown."""
        try:
            answer, _ = await self.perform(work, status)
        except Problem as refused:
            if refused.code == "out-of-scope":
                raise
            return refused
        done: dict[str, Any] = msgspec.json.decode(answer)
        return done

    async def context(self, con: Connection) -> Context:
        """The frame for the events of this command."""
        return Context(now=await self.runtime.now(con), actor=self.principal.subject, source=self.runtime.name,
                       correlation_id=self._correlation, traceparent=self._traceparent)  # fmt: skip

    async def _claim(self, con: Connection) -> tuple[bytes, int] | None:
        """Take the key, or give its answer; a second request with it waits here for the first one's commit."""
        row = await con.fetchrow(Q.claim, self.principal.subject, self.key, self._route, self._fingerprint)
        if row["status"] is None:
            return None
        if (row["route"], row["request_hash"]) != (self._route, self._fingerprint):
            raise Problem(422, "idempotency-key-reused")
        return row["answer"], row["status"]


def respond(answer: bytes, status: int) -> Response:
    """A JSON response, with the stream version as its ETag."""
    version = msgspec.json.decode(answer, type=_Versioned | None) if answer[:1] == b"{" else None
    headers = {"etag": f'"{version.version}"'} if version and version.version else {}
    return Response(answer, status, headers, media_type="application/json")


class _Versioned(msgspec.Struct):
    version: int | None = None


async def forget_answers(db: Database, _now: datetime) -> int:
    """Remove answers that are older than 30 days of the machine's clock, a portion at a time; gives how many."""
    async with db.background() as con:
        return len(await con.fetch(Q.forget_answers, KEPT_DAYS, AT_ONCE))


async def get_command(request: Request) -> Command:
    """A route's command, as ``AnyCommand``; stands after the route's ``allow(…)``.

    A page's form carries its key in the field ``idempotency_key``: sent twice it is done once, but a form that somebody
    goes back to and corrects is another command.
    """
    principal = getattr(request.state, "principal", None) or await authenticate(request)
    media_type = request.headers.get("content-type", "").split(";")[0].strip()
    form = await request.form() if media_type in FORMS else None
    asked = await request.body() if form is None else await _fields(form)
    fingerprint = hashlib.sha256(media_type.encode() + asked).digest()
    command = Command(get_runtime(request), principal, request, fingerprint)
    if not command.key and form and (key := form.get("idempotency_key")):
        command.key = f"{key}.{fingerprint.hex()}"
    return command


AnyCommand = Annotated[Command, Depends(get_command)]


async def _fields(form: FormData) -> bytes:
    """The form's values; a file is told apart by its name and content."""
    said = [(k, v if isinstance(v, str) else f"{v.filename}:{await _digest(v)}") for k, v in form.multi_items()]
    return msgspec.json.encode(sorted(said))


async def _digest(file: UploadFile) -> str:
    content = await file.read()
    await file.seek(0)
    return hashlib.sha256(content).hexdigest()
