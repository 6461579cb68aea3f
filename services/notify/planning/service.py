"""Plans of subjects: from the facts to the ledger, in the transaction that brought the facts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from services.notify.facts.store import Policies
from services.notify.planning import store
from services.notify.planning.domain import Cause, desired, diff
from services.notify.subjects import service as subjects_of
from services.notify.subjects.store import Subject, lock, set_open
from shared.db import Connection

Why: TypeAlias = Mapping[Subject, Cause]
CHUNK: Final = 300
WEIGHT: Final = {"class": 30}  # a class tells all its trainees; while it is planned the process does nothing else


async def replan(
    con: Connection, subjects: Collection[Subject], now: datetime, policies: Policies, why: Why = MappingProxyType({})
) -> int:
    """Bring the ledger to what the facts want, for these subjects; gives the number of changes. ``why``: what caused it.

    All rows are locked before the first portion, in the dispatcher's order: portion by portion the two would wait for each other.
    """
    await lock(con, subjects)
    await store.hold(con, subjects)
    return sum([await _replan(con, chunk, now, policies, why) for chunk in chunks(subjects)])


def chunks(subjects: Collection[Subject]) -> list[list[Subject]]:
    """The subjects in their order, in portions that are planned without a pause."""
    found: list[list[Subject]] = []
    room = 0
    for subject in sorted(subjects):
        weight = WEIGHT.get(subject[0], 1)
        if weight > room:
            found.append([])
            room = CHUNK
        found[-1].append(subject)
        room -= weight
    return found


async def _replan(con: Connection, subjects: Sequence[Subject], now: datetime, policies: Policies, why: Why) -> int:
    ledger = await store.existing(con, subjects)
    found = await subjects_of.cases(con, subjects, ledger, policies)
    changes = [(change, why.get(case.subject)) for case, policy in found
               for change in diff(case, desired(case, policy), ledger[case.subject], now)]  # fmt: skip
    await store.apply(con, changes, now)
    await set_open(con, {case.subject: case.open for case, _ in found})
    return len(changes)
