"""Pages of programme years: bring in the units and a year, read what it says, see what blocks it, publish it."""

from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from services.enrolment.classes.pages import back, mistakes, typed
from services.enrolment.programmes import service as programmes
from services.enrolment.programmes.routes import Issuer
from services.enrolment.programmes.service import ISSUERS
from services.enrolment.programmes.store import Programme, known_units, source
from services.enrolment.years import domain, service, store
from services.enrolment.years.service import Fault, FaultyError, Upload
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.http import AnyCommand, Command
from shared.pages import render
from shared.policy import Policy
from shared.problems import Problem
from shared.runtime import get_runtime
from shared.units import units_by_code

router = APIRouter(include_in_schema=False)
FIELDS: Final = {"units": "units-file", "year": "year-file"}


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file was not taken: the form it came by, what was sent, and one problem or many mistakes."""

    what: str
    file: Upload | None = None
    problem: Problem | None = None
    faults: list[Fault] = []


@router.get("/years")
async def list_page(request: Request, principal: Issuer, done: str = "", n: int = 0, changed: int = 0) -> Response:
    """Which years there are, and the two forms."""
    return await _list(request, principal, done=(done, n, changed))


@router.post("/years")
async def upload_page(request: Request, principal: Issuer, command: AnyCommand) -> Response:
    """Take a file of units or of a year (``what``: units, year); mistakes come back with the text that was sent."""
    form = await request.form()
    what = "units" if typed(form, "what") == "units" else "year"
    file: Upload | None = None
    try:
        file = await _sent(form, FIELDS[what])
        if what == "units":
            return await _units(principal, command, file)
        return await _year(request, principal, command, file, typed(form, "over"))
    except FaultyError as faulty:
        return await _list(request, principal, refused=Refusal(what=what, file=file, faults=faulty.faults))
    except Problem as problem:
        if problem.code == "out-of-scope":
            raise
        found = service.units_faults(file, problem) if file and problem.code == "units-invalid" else []
        refusal = Refusal(what=what, file=file, problem=None if found else problem, faults=found)
        return await _list(request, principal, refused=refusal)


async def _sent(form: FormData, field: str) -> Upload:
    """The chosen file, or the text that was corrected on the page."""
    file = form.get(field)
    if isinstance(file, UploadFile) and file.filename:
        return service.upload(file.filename[-80:], await file.read(service.MOST_BYTES + 1))
    text = form.get("text")
    return service.upload(typed(form, "name") or "—", text if isinstance(text, str) else "")


async def _units(principal: Principal, command: Command, file: Upload) -> Response:
    units = await service.read_units(file)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.bring_units(con, context, principal, units, command.runtime.texts)

    answer, _ = await command.perform(work)
    done = msgspec.json.decode(answer)
    return back(f"/years?done=units&n={done['units']}&changed={done['changed']}")


async def _year(request: Request, principal: Principal, command: Command, file: Upload, over: str) -> Response:
    async with command.runtime.db.system() as con:
        units = await known_units(con)
    policy = await service.read_year(file, units)

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        return await service.take(con, context, principal, policy, file.text, over)

    try:
        answer, _ = await command.perform(work)
    except Problem as refused:
        if refused.code not in {"year-differs", "programme-published"}:
            raise
        return await _compare(request, principal, policy, file)
    return back(f"/years/{policy.key}?done={'kept' if msgspec.json.decode(answer)['kept'] else 'same'}")


async def _compare(request: Request, principal: Principal, policy: Policy, file: Upload) -> Response:
    """What another text of a year would change; of a published year, that it can't."""
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        year = await programmes.seen(con, principal, policy.key)
    published = year.published_at is not None
    return render(
        request, "year_compare.html", 409 if published else 200, now=await runtime.now(), year=year, file=file,
        changes=service.differences(year, policy), closed=await service.closed(year, file) if published else [],
    )  # fmt: skip


async def _list(
    request: Request, principal: Principal, *, done: tuple[str, int, int] = ("", 0, 0), refused: Refusal | None = None
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        every, units = await store.years(con), await store.units(con)
    mine = [y for y in every if principal.reaches(y.issuer_path, *ISSUERS)]
    problem = refused.problem if refused else None
    errors = mistakes(request, problem, FIELDS[refused.what]) if refused else []
    status = (problem.status if problem else 422) if refused else 200
    return render(
        request, "years.html", status, now=await runtime.now(), years=[y for y in every if y.published_at or y in mine],
        units=units, done=done, refused=refused, errors=errors, failed=refused is not None, may_units=principal.has("province"),
    )  # fmt: skip


@router.get("/years/{key}")
async def year_page(request: Request, key: str, principal: Issuer, done: str = "") -> Response:
    """What a year says; of one's own draft also what blocks it, and the button."""
    return await _show(request, principal, key, done=done)


@router.post("/years/{key}")
async def publish_page(request: Request, key: str, principal: Issuer, command: AnyCommand) -> Response:
    """Publish from the page, once that it was read is confirmed (``sure``)."""
    form = await request.form()

    async def work(con: Connection, context: Context) -> dict[str, Any]:
        year = (key, typed(form, "sha256"))
        return await service.publish(con, context, principal, year, command.runtime.texts)

    if typed(form, "sure") != "yes":
        return await _show(request, principal, key, refused=Problem(422, "publish-unsure"))
    try:
        await command.perform(work)
    except Problem as refused:
        if refused.code in {"out-of-scope", "programme-unknown"}:
            raise
        return await _show(request, principal, key, refused=refused)
    return back(f"/years/{key}?done=published")


async def _show(
    request: Request, principal: Principal, key: str, *, done: str = "", refused: Problem | None = None
) -> Response:
    runtime = get_runtime(request)
    async with runtime.db.read(principal) as con:
        year = await programmes.seen(con, principal, key)
        draft = year.published_at is None
        blockers = await programmes.blockers(con, year.policy) if draft else []
        kept = (await source(con, key), await known_units(con)) if draft and done == "kept" else None
        names = {unit.code: unit.names for unit in (await units_by_code(con, _codes(year))).values()}
    notes = await service.remarks(*kept) if kept else []
    errors = mistakes(request, refused, "sure" if refused and refused.code == "publish-unsure" else None)
    return render(
        request, "year.html", refused.status if refused else 200, now=await runtime.now(), year=year, policy=year.policy,
        read=domain, blockers=blockers, notes=notes, names=names, doubts=domain.doubts(year.policy), done=done, errors=errors,
        failed=bool(errors), handed_out=domain.handed_out(year.policy),
    )  # fmt: skip


def _codes(year: Programme) -> list[str]:
    """The units that the page names."""
    ban = year.policy.ban
    extending = [d.extension.by for d in year.policy.deadlines if d.extension]
    return sorted({year.policy.issuer, *extending, *([ban.authority] if ban else [])})
