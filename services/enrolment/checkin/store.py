"""Check-in codes and what was written about places."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from services.enrolment.checkin.domain import Counts
from services.enrolment.places.domain import Place
from shared.context import Context
from shared.db import Connection, load_queries
from shared.events import Names

Q = load_queries(__file__)


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A code with the class that it is for."""

    place_id: str
    class_id: str
    code: str
    person_id: str
    institution_path: str
    class_name: Names
    address: str


class Statement(msgspec.Struct, frozen=True):
    """What somebody wrote about a place; personal, never in an event."""

    place_id: str
    kind: str
    text: str
    written_at: datetime


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose place it is, as staff see it."""

    place_id: str
    person_id: str
    class_id: str | None
    checked_in_at: datetime | None
    excused_at: datetime | None
    dropout_cause: str | None
    name: str
    school_zh: str
    school_en: str


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """One of somebody's own places, with the code for its class."""

    place_id: str
    class_id: str | None
    policy_key: str
    project: str
    plan_level: str
    programme_id: str
    selected_at: datetime
    registered_at: datetime | None
    checked_in_at: datetime | None
    excused_at: datetime | None
    expected_at: datetime | None
    dropout_at: datetime | None
    dropout_cause: str | None
    completed_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    name: str
    code: str | None


async def taken_codes(con: Connection, class_id: str) -> set[str]:
    """The codes that a class has given already."""
    return {r["code"] for r in await con.fetch(Q.taken_codes, class_id)}


async def put_codes(
    con: Connection, class_id: str, institution_path: str, places: Sequence[Place], codes: Mapping[str, str]
) -> None:
    """Give each place its code; the code of an earlier class is gone."""
    await con.execute(Q.put_codes, class_id, institution_path, [p.place_id for p in places],
                      [codes[p.place_id] for p in places], [p.person_id for p in places],
                      [p.unit_path for p in places])  # fmt: skip


async def code_of_place(con: Connection, place_id: str) -> Code | None:
    """The code of a place."""
    return _code(await con.fetchrow(Q.code_of_place, place_id))


async def find_code(con: Connection, code: str, institution_path: str, class_id: str) -> Code | None:
    """A code as typed, first in its class, then in the other classes of the same institution."""
    return _code(await con.fetchrow(Q.code_of_class, code, institution_path, class_id))


async def put_statements(con: Connection, context: Context, kind: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Keep one text per place; gives place id -> statement id, which is all that an event carries."""
    ids = {place_id: str(uuid4()) for place_id in texts}
    await con.execute(Q.put_statements, kind, context.now, context.actor, list(ids.values()), list(ids),
                      list(texts.values()))  # fmt: skip
    return ids


async def statements_of_class(con: Connection, class_id: str) -> list[Statement]:
    """Everything written about the places of a class, oldest first."""
    return [msgspec.convert(dict(r), Statement) for r in await con.fetch(Q.statements_of_class, class_id)]


async def counts(con: Connection, class_id: str) -> Counts:
    """How the list of a class stands."""
    return msgspec.convert(dict(await con.fetchrow(Q.counts, class_id)), Counts)


async def holder(con: Connection, place_id: str) -> Holder | None:
    """Whose place it is, as far as the connection may see it."""
    row = await con.fetchrow(Q.holder, place_id)
    return msgspec.convert(dict(row), Holder) if row else None


async def own_places(con: Connection, person_ids: Sequence[str]) -> list[Own]:
    """The places of a person, latest first."""
    return [msgspec.convert(dict(r), Own) for r in await con.fetch(Q.own_places, list(person_ids))]


def _code(row: Any) -> Code | None:
    if row is None:
        return None
    fields = dict(row)
    return Code(class_name=Names(zh=fields.pop("name_zh"), en=fields.pop("name_en")), **fields)
