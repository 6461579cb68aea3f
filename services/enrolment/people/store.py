"""People in the database: the only place of names, ID numbers, phones and addresses. Erasing one is deleting one row."""

import base64
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import msgspec
from cryptography.fernet import Fernet

from services.enrolment.people.domain import NewPerson
from shared.db import Connection, load_queries

Q = load_queries(__file__)


class Seal:
    """How an ID number is stored: closed with one key, found again by a keyed hash. ``key`` is base64 of 32 bytes."""

    def __init__(self, key: str) -> None:
        secret = base64.urlsafe_b64decode(key)
        self._hash_key = hmac.digest(secret, b"shipei id hash", "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"shipei id seal", "sha256")))

    def hash(self, number: str) -> bytes:
        """The same for the same number, and nothing to anyone without the key."""
        return hmac.digest(self._hash_key, number.encode(), "sha256")

    def close(self, number: str) -> bytes:
        """The number, readable only with the key."""
        return self._fernet.encrypt(number.encode())

    def open(self, sealed: bytes) -> str:
        """The number again."""
        return self._fernet.decrypt(sealed).decode()


class LockedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """What decisions about a person need, read under the lock of the row."""

    person_id: str
    unit_id: str
    unit_path: str
    born_on: date
    teaching_since: date | None
    marks: list[str]
    roles: list[str]
    school_kind: str | None
    rural: bool


class KnownPerson(msgspec.Struct, frozen=True):
    """Somebody who is on record, and the unit that they belong to."""

    person_id: str
    unit_path: str


async def units_of(con: Connection, person_ids: Iterable[str]) -> dict[str, str]:
    """``person id -> unit id``, not locked: to know which quota cells to lock first."""
    return {r["person_id"]: r["unit_id"] for r in await con.fetch(Q.units_of, list(person_ids))}


async def lock_people(con: Connection, person_ids: Iterable[str]) -> dict[str, LockedPerson]:
    """The people that exist, locked in the order of their ids until the transaction ends."""
    rows = await con.fetch(Q.lock_people, sorted(set(person_ids)))
    return {r["person_id"]: msgspec.convert(dict(r), LockedPerson) for r in rows}


async def lock_known(con: Connection, hashes: Iterable[bytes]) -> dict[bytes, KnownPerson]:
    """The people that are on record, by the hash of their ID number, locked in the order of their ids."""
    rows = await con.fetch(Q.lock_by_hash, list(hashes))
    return {r["id_hash"]: KnownPerson(r["person_id"], r["unit_path"]) for r in rows}


async def write(
    con: Connection,
    people: Mapping[bytes, NewPerson],
    known: Mapping[bytes, KnownPerson],
    seal: Seal,
    now: datetime,
) -> dict[bytes, str]:
    """Write people by the hash of their ID number; ``known`` are those already locked. Gives ``hash -> person id``.

    New ones are inserted in the order of their hashes, so that two rosters with the same people wait for each other
    instead of stopping each other; who came first is then updated like one that was known.
    """
    ids = {h: known[h].person_id for h in people if h in known}
    inserted = await _insert(con, {h: p for h, p in people.items() if h not in ids}, seal, now)
    late = await lock_known(con, [h for h in people if h not in ids and h not in inserted])
    ids |= {h: p.person_id for h, p in late.items()}
    await _update(con, [(ids[h], p) for h, p in people.items() if h in ids], now)
    return ids | inserted


async def _insert(con: Connection, new: Mapping[bytes, NewPerson], seal: Seal, now: datetime) -> dict[bytes, str]:
    if not new:
        return {}
    rows = [
        (str(uuid4()), h, seal.close(p.number), p.number[-4:], p.unit_id, p.unit_path, p.name, p.born_on, p.phone, p.email,
         p.teaching_since, ",".join(p.marks))
        for h, p in sorted(new.items())
    ]  # fmt: skip
    made = await con.fetch(Q.insert, *[list(column) for column in zip(*rows, strict=True)], now)
    return {r["id_hash"]: r["person_id"] for r in made}


async def _update(con: Connection, known: Sequence[tuple[str, NewPerson]], now: datetime) -> None:
    if not known:
        return
    rows = [
        (i, p.unit_id, p.unit_path, p.name, p.phone, p.email, p.teaching_since, ",".join(p.marks)) for i, p in known
    ]
    await con.execute(Q.update, *[list(column) for column in zip(*rows, strict=True)], now)


async def contacts(
    con: Connection, person_ids: Sequence[str], unit_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """How to reach people and units; ids that are unknown are absent."""
    people = await con.fetch(Q.contacts_of_people, list(person_ids))
    units = await con.fetch(Q.contacts_of_units, list(unit_ids))
    return {"people": [dict(r) for r in people], "units": [_with_names(r) for r in units]}


async def names(con: Connection, person_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Names and units of the people whom the connection's role and scope may see."""
    rows = await con.fetch(Q.names, list(person_ids))
    return {r["person_id"]: {"name": r["name"], "unit": {"zh": r["name_zh"], "en": r["name_en"]}} for r in rows}


async def listed(con: Connection, path: str, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
    """One page of the people of a subtree, and how many there are."""
    rows = await con.fetch(Q.listed, path, size, (page - 1) * size)
    return (rows[0]["total"] if rows else 0), [_with_names(r) for r in rows]


def _with_names(row: Any) -> dict[str, Any]:
    values = dict(row)
    values["unit"] = {"zh": values.pop("name_zh"), "en": values.pop("name_en")}
    return values
