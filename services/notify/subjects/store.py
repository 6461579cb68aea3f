"""What reminders are about: which subjects there are, which ones events touch, and the line of their planners."""

from collections.abc import Collection
from typing import TypeAlias

from shared.db import Connection, load_queries

Q = load_queries(__file__)
Subject: TypeAlias = tuple[str, str]


def _columns(subjects: Collection[Subject]) -> tuple[list[str], list[str]]:
    return [kind for kind, _ in subjects], [key for _, key in subjects]


async def lock(con: Connection, subjects: Collection[Subject]) -> None:
    """Put the planners of a subject in a line: whoever comes last sees the facts of all before."""
    columns = _columns(subjects)
    await con.execute(Q.know_subjects, *columns)
    await con.fetch(Q.lock_subjects, *columns)


async def set_open(con: Connection, openness: dict[Subject, bool]) -> None:
    """Note which subjects the nightly sweep still has to look at."""
    await con.execute(Q.set_open, *_columns(openness), list(openness.values()))


async def open_subjects(con: Connection, after: Subject, limit: int) -> list[Subject]:
    """The next open subjects in order."""
    return [(r["kind"], r["id"]) for r in await con.fetch(Q.open_subjects, *after, limit)]


async def ids(con: Connection, statement: str, keys: Collection[str]) -> list[str]:
    """One column of a look-up by keys; no keys, no question."""
    return [r[0] for r in await con.fetch(statement, list(keys))] if keys else []


async def subjects(con: Connection, statement: str, keys: Collection[str]) -> list[Subject]:
    """Subjects of a look-up by keys; no keys, no question."""
    return [(r["kind"], r["id"]) for r in await con.fetch(statement, list(keys))] if keys else []
