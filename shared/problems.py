"""Errors that a person reads: RFC 9457 problem details with what happened and what to do, in Chinese and English."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import msgspec
import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

log = structlog.get_logger()
LANGUAGES = ("zh", "en")
# No connection or lock within its time, a deadlock's loser, a database that is away: the same request may do later.
PASSING: Final = (
    TimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
)
RETRY_SECONDS: Final = 2


class Problem(Exception):  # noqa: N818  (the RFC's word)
    """A refusal. Its texts stand in ``texts.yaml`` under ``problems.<code>``: title, detail and remedy.

    ``details`` are formatted into the texts and repeated as members, so a program can read them; ``errors`` lists
    single mistakes, each with its own ``zh`` and ``en``.
    """

    def __init__(
        self, status: int, code: str, /, *, errors: list[dict[str, Any]] | None = None, **details: Any
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.details = details
        self.errors = errors or []

    def body(self, texts: Any, instance: str) -> dict[str, Any]:
        """The members of the problem document."""
        said = {lang: {part: texts.get(lang, f"problems.{self.code}.{part}", **self.details)
                       for part in ("title", "detail", "remedy")} for lang in LANGUAGES}  # fmt: skip
        body = {"type": f"urn:shipei:problem:{self.code}", "title": said["en"]["title"], "status": self.status,
                "detail": said["en"]["detail"], "instance": instance, "code": self.code, **said,
                "details": self.details}  # fmt: skip
        return {**body, "errors": self.errors} if self.errors else body


async def answer_problem(request: Request, problem: Exception) -> Response:
    """As a page to a browser, as problem+json to everyone else."""
    if not isinstance(problem, Problem):
        raise problem
    body = problem.body(_texts(request), request.url.path)
    if "text/html" not in request.headers.get("accept", ""):
        return Response(msgspec.json.encode(body), problem.status, media_type="application/problem+json")
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return RedirectResponse(f"/login?next={quote(_return_address(request))}", 303)
    from shared.pages import render

    return render(request, "problem.html", status=problem.status, problem=body)


def _texts(request: Request) -> Any:
    """Of the app that answers; whatever its runtime is, it has texts."""
    return request.app.state.runtime.texts


def _return_address(request: Request) -> str:
    """Where to go on after the sign-in: this page, or the one whose form was posted."""
    at = request.url if request.method == "GET" else URL(request.headers.get("referer", "/"))
    return f"{at.path}?{at.query}" if at.query else at.path or "/"


async def answer_unserved(request: Request, error: Exception) -> Response:
    """An address, method or size that no route serves."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return await answer_problem(
        request, Problem(status, "out-of-scope" if status == HTTPStatus.NOT_FOUND else "not-served")
    )


async def answer_busy(request: Request, error: Exception) -> Response:
    """The same request may be sent again in a moment; with the same Idempotency-Key it is done once."""
    log.warning("busy", error=type(error).__name__)
    answer = await answer_problem(request, Problem(503, "busy"))
    answer.headers["retry-after"] = str(RETRY_SECONDS)
    return answer


async def answer_unusable(request: Request, error: Exception) -> Response:
    """A value that no column can hold: a number beyond all numbers, a character that is none."""
    log.warning("unusable value", error=type(error).__name__)
    return await answer_problem(request, Problem(422, "unusable-value"))


async def answer_failure(request: Request, _: Exception) -> Response:
    """A fault of ours; the server logs it with its traceback and drops the connection, so nobody may use it again."""
    answer = await answer_problem(request, Problem(500, "failed"))
    answer.headers["connection"] = "close"
    return answer


async def answer_invalid(request: Request, error: Exception) -> Response:
    """A body that is not of the route's form: which fields, and why; never the value itself."""
    if not isinstance(error, RequestValidationError):
        raise error
    texts = _texts(request)
    fields = [_mistake(texts, ".".join(str(p) for p in e["loc"][1:]), e) for e in error.errors()]
    names = ", ".join(f["field"] for f in fields)
    return await answer_problem(request, Problem(422, "invalid-body", errors=fields, fields=names))


def _mistake(texts: Any, field: str, found: Any) -> dict[str, str]:
    key = "invalid.missing" if found["type"] == "missing" else "invalid.unusable"
    return {"field": field, "en": found["msg"], "zh": texts.get("zh", key, field=field)}
