"""Compares the driver's ledger with what every part of the system holds, and names what was lost or doubled."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from deploy.demo import stranger
from deploy.demo.run import Place
from deploy.demo.stranger.leaks import leaks
from shared.client import client
from tests.support.driver import Accepted


@dataclass
class Verdict:
    """Ids by what is wrong with them; empty when all is well."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def expect(self, what: str, wanted: set[str], found: list[str]) -> None:
        """Everything wanted is there exactly once, and nothing else."""
        times = Counter(found)
        self.counted[what] = len(found)
        self.note(f"{what}: lost", sorted(wanted - set(found)))
        self.note(f"{what}: doubled", sorted(i for i, n in times.items() if n > 1))
        self.note(f"{what}: never accepted", sorted(set(found) - wanted))

    def note(self, what: str, ids: list[str]) -> None:
        if ids:
            self.wrong[what] = ids


async def rows(dsn: str, statement: str, *arguments: Any) -> list[Any]:
    con = await asyncpg.connect(dsn)
    try:
        return list(await con.fetch(statement, *arguments))
    finally:
        await con.close()


async def column(dsn: str, statement: str, *arguments: Any) -> list[str]:
    return [r[0] for r in await rows(dsn, statement, *arguments)]


SELECTED: Final = {  # what each listener has of a place whose selection it heard of
    "reporting": "select place_id from place where selected_at is not null",
    "notify": "select place_id from place where selected_at is not null",
    "blacklist": "select place_id from place where unit_path is not null",
}
IN_A_CLASS: Final = "select place_id from place where class_id is not null"
WITH_A_PLACE: Final = "select p.email from place join person p using (person_id)"

MATTERS: Final = """
select message_id, concat_ws('/', subject_kind, subject_id, recipient_kind, recipient_id, kind, occurrence, version, channel) as matter
from reminder
"""


async def judge(place: Place, ledger: Accepted, private: Collection[str] = ()) -> Verdict:
    """The system against the ledger: its ids and counts are the API's answers, none is read from a table.

    The people are those of the uploaded workbooks, so what enrolment itself forgot is missed too. No record may hold one
    of the ``private`` words.
    """
    verdict = Verdict()
    accepted = set(ledger.places)
    verdict.expect("accepted people", set(ledger.people), await column(place.databases["enrolment"], WITH_A_PLACE))
    if sum(ledger.selected.values()) != len(ledger.places):
        verdict.note("jobs that answered another number than there are places", sorted(ledger.selected))
    verdict.expect("places", accepted, await column(place.databases["enrolment"], "select place_id from place"))
    assigned = {i for group in ledger.assigned.values() for i in group}
    for service, selected in SELECTED.items():
        verdict.expect(f"{service} rows", accepted, await column(place.databases[service], selected))
        verdict.expect(f"{service} rows in a class", assigned, await column(place.databases[service], IN_A_CLASS))
    records = await stranger.read(place.kafka, place.topic_prefix)
    found = stranger.check_streams(records)
    verdict.note("streams not whole or not in order", found["gaps"])
    verdict.note("streams in two partitions", found["split"])
    verdict.note("records with somebody's data", [f"{t}/{p}/{n}" for t, p, n in leaks(records, private)])
    histories = stranger.fold(records)
    verdict.expect("selected events", accepted, bodies(histories, "training.trainee.selected.v1", "place_id"))
    verdict.expect("assigned events", assigned, bodies(histories, "training.trainee.assigned.v1", "place_id"))
    verdict.expect("opened events", set(ledger.classes), bodies(histories, "training.class.opened.v1", "class_id"))
    verdict.note(
        "parked",
        [
            f"{s}: {n}"
            for s in place.databases
            for n in await column(place.databases[s], "select error from parked limit 5")
        ],
    )
    await messages(place, verdict)
    return verdict


def bodies(histories: list[stranger.History], type_: str, member: str) -> list[str]:
    return [body[member] for history in histories for t, body in history if t == type_]


async def messages(place: Place, verdict: Verdict) -> None:
    """At the sink at most one of each message, and one more for each attempt about which the ledger recorded a doubt."""
    async with client(60) as http:
        held = (await http.get(f"{place.sink}/messages.json")).raise_for_status().json()["messages"]
    attempts = await rows(place.databases["notify"], "select attempt_id, message_id, state, code from attempt")
    message_of = {a["attempt_id"]: a["message_id"] for a in attempts}
    doubted = Counter(
        a["message_id"] for a in attempts if a["state"] in {"in_doubt", "lost"} or "no-answer" in (a["code"] or "")
    )
    arrived = Counter(message_of.get(m["attempt_id"], f"no attempt: {m['attempt_id']}") for m in held)
    verdict.counted["messages"] = len(held)
    verdict.counted["doubted"] = len(doubted)
    verdict.note("messages: doubled", sorted(i for i, n in arrived.items() if n > 1 + doubted[i]))
    matters = {r["message_id"]: r["matter"] for r in await rows(place.databases["notify"], MATTERS)}
    verdict.note("messages: same words again", same_words(held, matters, doubted))
    verdict.note("messages: without attempt", sorted(i for i in arrived if i.startswith("no attempt")))
    sent = await column(
        place.databases["notify"], "select message_id from reminder where state in ('accepted', 'delivered')"
    )
    verdict.note("messages: said to be sent, never arrived", sorted(set(sent) - set(arrived)))


def same_words(held: Sequence[Mapping[str, Any]], matters: Mapping[str, str], doubted: Counter[str]) -> list[str]:
    """Ids of messages that told somebody the same on the same channel more often than there are matters and doubts.

    A matter is what the ledger says that a message is about, whatever id it gave that.
    """
    told: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for m in held:
        told[m["to"], m["channel"], m["subject"] or "", m["text"]].append(m["message_id"])

    def explained(ids: set[str]) -> int:
        return len({matters.get(i) for i in ids}) + sum(doubted[i] for i in ids)

    return sorted({i for ids in told.values() if len(ids) > explained(set(ids)) for i in ids})
