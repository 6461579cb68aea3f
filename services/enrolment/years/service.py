"""Programme years from an officer's hands: read a file, take it, publish what was read."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from services.enrolment.programmes import service as programmes
from services.enrolment.programmes import store as kept
from services.enrolment.programmes.service import ISSUERS
from services.enrolment.programmes.store import Programme
from services.enrolment.units import service as units
from services.enrolment.years.domain import Different, different, line_of, quoted
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.policy import (
    KnownUnits,
    Policy,
    PolicyError,
    PolicyErrors,
    Since,
    UnitsFile,
    amend,
    compare,
    load_units,
    review,
)
from shared.problems import Problem
from shared.texts import Texts

MOST_BYTES: Final = 5 * 1024 * 1024
CLOSED: Final = ("P091", "P120")


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it came: its name, and its text with plain line ends (a form would turn them into others)."""

    name: str
    text: str


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake in a file: where, what stands there, and what to do, in both languages. ``line`` None: no line is to blame."""

    line: int | None
    said: str
    zh: str
    en: str


class FaultyError(Exception):
    """The file can't be taken; ``faults`` says why, in the order of the lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} mistakes")
        self.faults = list(faults)


def upload(name: str, content: bytes | str) -> Upload:
    """A file or a typed text. Problems: 422 year-file-missing, year-file-too-large, not-utf8."""
    raw = content.encode() if isinstance(content, str) else content
    if not raw.strip():
        raise Problem(422, "year-file-missing")
    if len(raw) > MOST_BYTES:
        raise Problem(422, "year-file-too-large", file=name, most=MOST_BYTES // 1024 // 1024)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(422, "not-utf8") from error
    return Upload(name=name, text=text.replace("\r\n", "\n"))


def faults(file: Upload, errors: Sequence[PolicyError], *, warnings: bool = False) -> list[Fault]:
    """The validator's findings with the line that each is about."""
    wanted = [error for error in errors if error.warning == warnings]
    return [Fault(line=e.line, said=quoted(file.text, e.line), zh=e.zh, en=e.en) for e in wanted]


async def read_units(file: Upload) -> UnitsFile:
    """The units of a file. FaultyError lists its mistakes."""
    try:
        return await asyncio.to_thread(load_units, file.text)
    except PolicyErrors as found:
        raise FaultyError(faults(file, found.errors)) from found


async def bring_units(
    con: Connection, context: Context, principal: Principal, file: UnitsFile, texts: Texts
) -> dict[str, Any]:
    """Take a units file; only a province does. Problems: 404 out-of-scope, 422 units-invalid."""
    if not principal.has("province"):
        raise Problem(404, "out-of-scope")
    return await units.import_units(con, context, principal, file, texts)


def units_faults(file: Upload, refused: Problem) -> list[Fault]:
    """What the tree has against a units file, with the line of each unit."""
    lines = [(line_of(file.text, error["unit"]), error) for error in refused.errors]
    return [Fault(line=n, said=quoted(file.text, n), zh=error["zh"], en=error["en"]) for n, error in lines]


async def read_year(file: Upload, known: KnownUnits) -> Policy:
    """The policy of a file. FaultyError lists its mistakes."""
    policy, found = await asyncio.to_thread(review, file.text, known)
    if policy is None or any(not error.warning for error in found):
        raise FaultyError(faults(file, found))
    return policy


async def remarks(text: str, known: KnownUnits) -> list[Fault]:
    """What the validator notes about a draft without refusing it."""
    file = Upload(name="", text=text)
    _, found = await asyncio.to_thread(review, text, known)
    return faults(file, found, warnings=True)


async def take(
    con: Connection, context: Context, principal: Principal, policy: Policy, text: str, over: str
) -> dict[str, Any]:
    """Keep a year as a draft. ``over`` is the hash of the draft that the officer has seen it differ from.

    Problems: 404 out-of-scope; 409 programme-published, year-differs (nothing is kept); 422 unit-unknown.
    """
    await kept.lock(con, policy.key)
    known = await kept.by_key(con, policy.key)
    if known is not None:
        principal.require(known.issuer_path, *ISSUERS)
        if known.sha256 == policy.sha256:
            return {"key": policy.key, "kept": False}
        if known.published_at is not None:
            raise Problem(409, "programme-published", key=policy.key)
        if known.sha256 != over:
            raise Problem(409, "year-differs", key=policy.key)
    await programmes.draft(con, context, principal, policy, text)
    return {"key": policy.key, "kept": True}


def differences(known: Programme, policy: Policy) -> list[Different]:
    """What another text of a year would change."""
    return different(compare(known.policy, policy))


async def closed(known: Programme, file: Upload) -> list[Fault]:
    """What publication alone keeps even a new revision from changing (P091, P120)."""
    _, found = await asyncio.to_thread(amend, file.text, known.policy, Since())
    ours = [e for e in found if e.code in CLOSED and e.path != "policy.revision"]
    return faults(file, ours)


async def publish(
    con: Connection, context: Context, principal: Principal, year: tuple[str, str], texts: Texts
) -> dict[str, Any]:
    """Publish a year (its key, and the hash of the text that was read). Problem 409 year-changed: another one has come since."""
    key, sha256 = year
    await kept.lock(con, key)
    draft = await programmes.known(con, key)
    principal.require(draft.issuer_path, *ISSUERS)
    if draft.published_at is None and draft.sha256 != sha256:
        raise Problem(409, "year-changed", key=key)
    return await programmes.publish(con, context, principal, key, texts)
