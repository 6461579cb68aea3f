"""What is frozen, how it is sealed, and what is refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from services.reporting.bulletins.domain.planning import Plan
from services.reporting.league.domain.sheets import Sheet

FORMAT = "shipei-bulletin/1"


class Refused(Exception):  # noqa: N818  (a refusal is no fault)
    """A command that the rules do not allow; ``code`` is that of a problem, ``details`` are its variables."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Known(msgspec.Struct, frozen=True):
    """A bulletin that exists: what it replaces and what replaces it, by id."""

    bulletin_id: str
    policy_key: str
    key: str
    restates: str | None
    restated_by: str | None


class Frozen(msgspec.Struct, frozen=True):
    """A bulletin's whole content. ``issuer`` is a unit's code; ``policy_sha256`` that of the policy's text.

    Each sheet carries its formulas with their versions and its table rules, so nothing has to be looked up later (M07).
    """

    format: str
    bulletin_id: str
    number: int
    year: int
    policy: str
    policy_sha256: str
    issuer: str
    plan: Plan
    as_of: datetime
    frozen_at: datetime
    restates: str | None
    reason: str | None
    sheets: Sequence[Sheet]


def check(known: Sequence[Known], key: str, restates: str | None, reason: str | None) -> None:
    """Whether a bulletin of this key may be frozen beside those of its year.

    Errors: Refused already-frozen (there is one in force and it is not the one replaced), bulletin-unknown,
    already-restated, reason-missing.
    """
    by_id: Mapping[str, Known] = {k.bulletin_id: k for k in known}
    in_force = next((k for k in known if k.key == key and k.restated_by is None), None)
    if restates is None:
        if in_force is not None:
            raise Refused("already-frozen", bulletin=in_force.bulletin_id)
        return
    replaced = by_id.get(restates)
    if replaced is None or replaced.key != key:
        raise Refused("bulletin-unknown", bulletin=restates)
    if replaced.restated_by is not None:
        raise Refused("already-restated", bulletin=restates, by=replaced.restated_by)
    if not (reason or "").strip():
        raise Refused("reason-missing", bulletin=restates)


def bulletin_id(policy_key: str, number: int) -> str:
    """``<policy key>-<number>``; numbers of a year count from 1, restatements included."""
    return f"{policy_key}-{number:02d}"


def seal(frozen: Frozen) -> tuple[str, str]:
    """``(text, SHA-256)``: canonical JSON (sorted keys, no blanks, UTF-8) and the hash of exactly these bytes.

    It holds text, whole numbers, booleans and nulls only; rates are text, so no reader can round them.
    """
    text = msgspec.json.encode(msgspec.to_builtins(frozen), order="sorted")
    return text.decode(), sha256(text).hexdigest()


def unseal(text: str) -> Frozen:
    """The content of a sealed text."""
    return msgspec.json.decode(text, type=Frozen)
