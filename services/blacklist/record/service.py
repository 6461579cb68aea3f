"""Keeps what the streams tell of programmes, classes, places and messages, and the record made of it (L01, L13, L14)."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from services.blacklist.entries.domain.case import entry_id, rule_of
from services.blacklist.record import store
from services.blacklist.record.domain import Touched, fact_of, touches, undo_of
from shared.db import Connection
from shared.envelope import Received
from shared.events import Event
from shared.events import enrolment as e
from shared.events.notify import MessageDelivered
from shared.policy import from_dict

E = TypeVar("E", bound=Event)
REVISION: Final = re.compile(r"[@/](\d+)$")


async def keep(con: Connection, received: Sequence[Received]) -> dict[Touched, Received]:
    """Write a batch; gives what it bears on, each with the last event that did.

    In order within a stream, in any order between streams, repeated without effect.
    """
    touched = {key: r for r in received for key in touches(r.event)}
    await _lock(con, received, touched)
    await _programmes(con, [x for x, _ in _of(received, e.ProgrammePublished)])
    await _classes(con, received)
    await _places(con, received)
    await store.add_notices(con, [_notice(x, r) for x, r in _of(received, MessageDelivered) if x.person_id])
    await _facts(con, received)
    await _dropouts(con, received)
    return touched


async def _lock(con: Connection, received: Sequence[Received], touched: Iterable[Touched]) -> None:
    keys = set(touched)
    for x, _ in _of(received, e.TraineeDropoutRecorded):
        keys |= {("policy", x.policy_key), ("class", x.class_id)}
    keys |= {("place", x.place_id) for x, _ in _of(received, e.PlaceEvent)}
    for kind in ("policy", "class", "place"):
        await store.lock(con, kind, sorted(key for k, key in keys if k == kind))


async def _programmes(con: Connection, published: Sequence[e.ProgrammePublished]) -> None:
    policies = [(x, from_dict(x.policy)) for x in sorted(published, key=lambda x: x.revision)]
    await store.save_rules(con, [(x.key, x.revision, x.published_at, _plain(rule_of(p))) for x, p in policies])
    newest = {x.key: (x.key, x.revision, x.issuer_path, p.names.zh, p.names.en,
                      {s.fact: s.sign for s in p.integrity.record}) for x, p in policies}  # fmt: skip
    await store.save_programmes(con, newest.values())


async def _classes(con: Connection, received: Sequence[Received]) -> None:
    scheduled = [x for x, _ in _of(received, e.ClassScheduled)]
    await store.schedule_classes(con, [(x.class_id, x.policy_key, x.project, x.institution_id, x.institution_path,
                                        x.name.zh, x.name.en) for x in scheduled])  # fmt: skip
    kinds = (e.ClassScheduled, e.ClassOpened, e.ClassRescheduled)
    dated = {r.stream: r.event for r in received if isinstance(r.event, kinds)}
    await store.date_classes(con, [(x.class_id, x.starts_on, x.ends_on, x.date_version) for x in dated.values()])
    closed = {x.class_id: (x.class_id, x.held, x.closed_at, r.envelope.id, x.expected, x.checked_in)
              for x, r in _of(received, e.ClassCheckinClosed)}  # fmt: skip
    await store.close_classes(con, closed.values())
    await store.cancel_classes(con, [(x.class_id,) for x, _ in _of(received, e.ClassCancelled)])
    await store.end_classes(
        con, {x.class_id: (x.class_id, r.envelope.id) for x, r in _of(received, e.ClassEnded)}.values()
    )


async def _places(con: Connection, received: Sequence[Received]) -> None:
    selected = [x for x, _ in _of(received, e.TraineeSelected)]
    await store.select_places(con, [(x.place_id, x.person_id, x.policy_key, x.project, x.unit_id, x.unit_path)
                                    for x in selected])  # fmt: skip
    assigned = {x.place_id: (x.place_id, x.class_id, x.institution_path) for x, _ in _of(received, e.TraineeAssigned)}
    await store.assign_places(con, assigned.values())
    await store.expect_places(con, [(x.place_id,) for x, _ in _of(received, e.TraineeExpected)])
    await store.replace_places(con, [(x.substitute_for,) for x in selected if x.substitute_for])


async def _facts(con: Connection, received: Sequence[Received]) -> None:
    facts = [(r, fact) for r in received if (fact := fact_of(r.event))]
    await store.add_facts(con, [(r.envelope.id, r.stream, r.version, f.name, f.person_id, f.place_id, f.class_id,
                                 f.occurred_at) for r, f in facts])  # fmt: skip
    told = {x.place_id for x, _ in _of(received, e.TraineeSelected)} | {
        x.place_id for x, _ in _of(received, MessageDelivered) if x.place_id
    }
    await store.add_told(con, [(p,) for p in sorted(told)])


async def _dropouts(con: Connection, received: Sequence[Received]) -> None:
    await store.add_dropouts(con, [_dropout(x, r) for x, r in _of(received, e.TraineeDropoutRecorded)])
    undone = [(r.stream, cause, u.key, r.version) for r in received if (u := undo_of(r.event)) for cause in u.causes]
    await store.withdraw_dropouts(con, undone)


def _dropout(x: e.TraineeDropoutRecorded, r: Received) -> tuple[Any, ...]:
    revision = REVISION.search(r.envelope.policyversion or "")
    return (x.place_id, x.cause, entry_id(x.place_id, x.cause), r.envelope.id, r.version, x.person_id, x.class_id,
            x.policy_key, int(revision[1]) if revision else None, x.cohort_kind, ",".join(x.forms), x.unit_id,
            x.unit_path, x.institution_path, x.occurred_at, bool(x.evidence))  # fmt: skip


def _notice(x: MessageDelivered, r: Received) -> tuple[Any, ...]:
    about = x.subject_id if x.subject_kind == "class" else None
    return (x.message_id, r.envelope.id, r.version, x.person_id, x.place_id, x.class_id, x.entry_id, about, x.kind,
            x.channel, x.proof, x.version, x.delivered_at)  # fmt: skip


def _of(received: Sequence[Received], kind: type[E]) -> list[tuple[E, Received]]:
    return [(r.event, r) for r in received if isinstance(r.event, kind)]


def _plain(value: msgspec.Struct | None) -> Any:
    return None if value is None else msgspec.to_builtins(value)
