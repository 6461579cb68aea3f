"""People in the database: the only place of names, ID numbers, phones and addresses. Erasing one is deleting one row."""

import base64
import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.enrolment.people.domain import NewPerson
from shared.db import Connection, load_queries

Q = load_queries(__file__)
NONCE: Final = 12


class Seal:
    """How an ID number is stored: closed with one key, found again by a keyed hash. ``key`` is base64 of 32 bytes.

    AES-GCM, bound to the hash: a sealed number moved to another row does not open.
    """

    def __init__(self, key: str) -> None:
        secret = base64.urlsafe_b64decode(key)
        self._hash_key = hmac.digest(secret, b"shipei id hash", "sha256")
        self._cipher = AESGCM(hmac.digest(secret, b"shipei id seal", "sha256"))

    def hash(self, number: str) -> str:
        """The same for the same number, and nothing to anyone without the key."""
        return hmac.digest(self._hash_key, number.encode(), "sha256").hex()

    def close(self, number: str, hashed: str) -> str:
        """The number, readable only with the key."""
        nonce = os.urandom(NONCE)
        return (nonce + self._cipher.encrypt(nonce, number.encode(), hashed.encode())).hex()

    def open(self, sealed: str, hashed: str) -> str:
        """The number again. Raises InvalidTag for another row's seal or another key."""
        stored = bytes.fromhex(sealed)
        return self._cipher.decrypt(stored[:NONCE], stored[NONCE:], hashed.encode()).decode()


class LockedPerson(msgspec.Struct, frozen=True):
    """What decisions about a person need, read under the lock of the row, in the order of the query's columns."""

    person_id: str
    unit_id: str
    unit_path: str
    born_on: date
    teaching_since: date | None
    marks: list[str]
    roles: list[str]
    school_kind: str | None
    rural: bool
    trainer_since: date | None
    stages: list[str]


class KnownPerson(msgspec.Struct, frozen=True):
    """Somebody who is on record, and the unit that they belong to."""

    person_id: str
    unit_path: str


async def units_of(con: Connection, person_ids: Iterable[str]) -> dict[str, str]:
    """``person id -> unit id``, not locked: to know which quota cells to lock first."""
    return {r["person_id"]: r["unit_id"] for r in await con.fetch(Q.units_of, ",".join(person_ids))}


async def lock_people(con: Connection, person_ids: Iterable[str]) -> dict[str, LockedPerson]:
    """The people that exist, locked in the order of their ids until the transaction ends."""
    rows = await con.fetch(Q.lock_people, ",".join(set(person_ids)))
    return {r["person_id"]: LockedPerson(*r) for r in rows}


async def lock_known(con: Connection, hashes: Iterable[str]) -> dict[str, KnownPerson]:
    """The people that are on record, by the hash of their ID number, locked in the order of their ids."""
    rows = await con.fetch(Q.lock_by_hash, ",".join(hashes))
    return {r["id_hash"]: KnownPerson(r["person_id"], r["unit_path"]) for r in rows}


async def write(
    con: Connection,
    people: Mapping[str, NewPerson],
    known: Mapping[str, KnownPerson],
    seal: Seal,
    now: datetime,
) -> dict[str, str]:
    """Write people by the hash of their ID number; ``known`` are those already locked. Gives ``hash -> person id``.

    New ones are inserted in the order of their hashes, so that two rosters with the same people wait for each other
    instead of stopping each other; who came first is then updated like one that was known.
    """
    ids = {h: known[h].person_id for h in people if h in known}
    inserted = await _insert(con, {h: p for h, p in people.items() if h not in ids}, seal, now)
    late = [h for h in people if h not in ids and h not in inserted]
    if late:
        ids |= {h: p.person_id for h, p in (await lock_known(con, late)).items()}
    await _update(con, [(ids[h], p) for h, p in people.items() if h in ids], now)
    return ids | inserted


async def _insert(con: Connection, new: Mapping[str, NewPerson], seal: Seal, now: datetime) -> dict[str, str]:
    if not new:
        return {}
    rows = [
        {**_columns(p), "person_id": str(uuid4()), "id_hash": h, "id_sealed": seal.close(p.number, h), "id_last4": p.number[-4:]}
        for h, p in sorted(new.items())
    ]  # fmt: skip
    return {r["id_hash"]: r["person_id"] for r in await con.fetch(Q.insert, rows, now)}


async def _update(con: Connection, known: Sequence[tuple[str, NewPerson]], now: datetime) -> None:
    if known:
        await con.execute(Q.update, [{**_columns(p), "person_id": i} for i, p in known], now)


def _columns(person: NewPerson) -> dict[str, Any]:
    columns = msgspec.structs.asdict(person)
    del columns["number"]
    return columns


async def contacts(
    con: Connection, person_ids: Sequence[str], unit_ids: Sequence[str], class_ids: Sequence[str] = ()
) -> dict[str, list[dict[str, Any]]]:
    """How to reach people and units, and who runs classes; ids that are unknown are absent."""
    people = await con.fetch(Q.contacts_of_people, list(person_ids))
    units = await con.fetch(Q.contacts_of_units, list(unit_ids))
    classes = await con.fetch(Q.staff_of_classes, list(class_ids))
    return {
        "people": [dict(r) for r in people],
        "units": [_with_names(r) for r in units],
        "classes": [dict(r) for r in classes],
    }


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
