"""Whatever persons do with an entry, in any order and twice: nothing is decided without what it rests on, nor after its end (L09, L10)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.blacklist.entries.domain.appealing import appeal, appeal_until, lift, uphold
from services.blacklist.entries.domain.calendar import day
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Confirmation, Refused, confirm, quash, reply
from services.blacklist.entries.domain.overriding import Ask, override
from services.blacklist.entries.domain.settling import evolve
from shared.events.blacklist import (
    BanAppealed,
    BanConfirmed,
    BanEvent,
    BanLifted,
    BanOverridden,
    BanQuashed,
    BanReplied,
    BanUpheld,
)
from tests.unit.blacklist.test_appealing import APPEAL, OVERRIDE
from tests.unit.blacklist.test_deciding import UNTIL, by, entry

RESTS_ON: dict[type[BanEvent], type[BanEvent]] = {
    BanAppealed: BanConfirmed, BanUpheld: BanAppealed, BanLifted: BanConfirmed, BanOverridden: BanConfirmed}  # fmt: skip
ENDS: dict[type[BanEvent], set[type[BanEvent]]] = {
    BanConfirmed: {BanReplied}, BanLifted: {BanAppealed, BanUpheld, BanOverridden}, BanQuashed: set(BanEvent.__subclasses__())}  # fmt: skip
ASK = Ask(policy_key="henan-2022", words="唯一的专任教师", evidence=["unit_statement"])


class Command(NamedTuple):
    """What somebody does, so many days after what was done before."""

    what: str
    who: str
    days: int


class Desk:
    """An entry with all that was decided about it; time never goes back."""

    def __init__(self, persons: int, force: str) -> None:
        self.entry = entry(persons=persons, appeal=APPEAL, override=OVERRIDE, force=force)
        self.now = UNTIL - timedelta(days=2)
        self.confirmations: list[Confirmation] = []
        self.seen: list[BanEvent] = []

    def play(self, command: Command) -> None:
        self.now += timedelta(days=command.days)
        try:
            events = DECIDES[command.what](self, command.who)
        except Refused:
            return
        for event in events:
            self.entry = evolve(self.entry, event, self.entry.version + 1)
            self.seen.append(event)

    def confirm(self, who: str) -> list[BanEvent]:
        own = by(who, self.now)
        events = confirm(self.entry, self.confirmations, own, {})
        self.confirmations.append(own)
        return events


DECIDES: dict[str, Callable[[Desk, str], list[BanEvent]]] = {
    "reply": lambda d, _: reply(d.entry, "说明", d.now),
    "confirm": Desk.confirm,
    "appeal": lambda d, _: appeal(d.entry, "不服", d.now),
    "uphold": lambda d, who: uphold(d.entry, "送达有回执", who, d.now),
    "lift": lambda d, who: lift(d.entry, "已补训", who, d.now),
    "override": lambda d, who: override(d.entry, ASK, who, d.now),
    "quash": lambda d, _: quash(d.entry, "不成立", d.now),
}
COMMANDS = st.builds(Command, st.sampled_from(sorted(DECIDES)), st.sampled_from(["li", "wang", "zhao"]),
                     st.sampled_from([0, 0, 1, 3, 14, 900]))  # fmt: skip


BAN = [Command("confirm", who, 3) for who in ("li", "wang", "zhao")]
FORCES = ["absolute", "in_principle"]


def rests_and_ends(kinds: Sequence[type[BanEvent]]) -> None:
    assert len(set(kinds)) == len(kinds), "each thing is decided once"
    for i, kind in enumerate(kinds):
        assert RESTS_ON.get(kind, kind) in kinds[: i + 1]
        assert not ENDS.get(kind, set()) & set(kinds[i + 1 :])


def of(desk: Desk, kind: type[BanEvent]) -> Any:
    return next((e for e in desk.seen if isinstance(e, kind)), None)


def holds(desk: Desk, persons: int) -> None:
    rests_and_ends([type(e) for e in desk.seen])
    banned, lifted, quashed = (of(desk, kind) for kind in (BanConfirmed, BanLifted, BanQuashed))
    assert desk.entry.state == ("quashed" if quashed else "lifted" if lifted else "confirmed" if banned else "notified")
    if banned:
        assert len(set(banned.decided_by)) == persons
        assert banned.confirmed_at > UNTIL
    if appealed := of(desk, BanAppealed):
        assert appealed.appealed_at <= until(desk.entry)
    if lifted:
        assert all(r.ends_before <= day(lifted.lifted_at, desk.entry.rule.timezone) for r in desk.entry.ranges)
    if quashed:
        assert quashed.reason == ("appeal" if appealed else "decided")


def until(entry: Entry) -> datetime:
    end = appeal_until(entry)
    assert end is not None
    return end


@pytest.mark.rule("L07", "L09", "L10")
@settings(max_examples=300)
@given(st.sampled_from([[], BAN]), st.lists(COMMANDS, max_size=14), st.integers(1, 3), st.sampled_from(FORCES))
def test_no_sequence_of_commands_decides_without_what_it_rests_on(
    first: list[Command], order: list[Command], persons: int, force: str
) -> None:
    desk = Desk(persons, force)
    for command in (*first, *order):  # often with the ban, so that orders come as far as what follows it
        desk.play(command)
        holds(desk, persons)
    assert force == "in_principle" or not desk.entry.overridden


def test_most_of_what_can_be_decided_comes_up_in_one_order() -> None:
    """So that the property does not hold for want of decisions."""
    desk = Desk(2, "in_principle")
    said = [
        ("reply", 0),
        ("confirm", 3),
        ("confirm", 0),
        ("appeal", 1),
        ("uphold", 1),
        ("override", 0),
        ("lift", 1),
        ("quash", 0),
    ]
    for (what, days), who in zip(said, "abcdefgh", strict=True):
        desk.play(Command(what, who, days))
    assert {type(e) for e in desk.seen} == {BanReplied, BanConfirmed, *RESTS_ON, BanQuashed}
    holds(desk, 2)
