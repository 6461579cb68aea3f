"""A pot of places under any commands in any order, doubled: shares, nominations, choices, and places that fall to a ban (Q13)."""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.enrolment.choices.domain import Nominee, chosen_events, passed_events, renamed, sort, with_conditions
from services.enrolment.nominations.domain import as_nominations, cells, share_of
from services.enrolment.places.domain import Candidate, Cell, Decision, decide_selection
from services.enrolment.pools.domain import Mistake, Pool, Share, decide_assign, decide_shares
from shared.events.enrolment import NomineeChosen, NomineeNotChosen, PoolAssigned, PoolEvent, TraineeSelected
from tests.unit.enrolment.given import NOW, candidate, rules
from tests.unit.enrolment.test_pools import NAMES, POOL, asked, share

PEOPLE = range(4)
RULES = rules([])


class ShareOut(NamedTuple):
    """How many each unit may nominate."""

    nominations: dict[str, int]


class Nominate(NamedTuple):
    """These people, in this order."""

    people: list[int]


class Choose(NamedTuple):
    """These and not those; the same may be named in both."""

    chosen: list[int]
    refused: list[int]


class Give(NamedTuple):
    """The choice to an institution."""

    institution: str


class Fall(NamedTuple):
    """The place of a person, to a ban."""

    person: int


Command = ShareOut | Nominate | Choose | Give | Fall


class Pot:
    """A pot that keeps what its decisions say, counted as the services count it."""

    def __init__(self, places: int, nominations: int) -> None:
        self.empty: Pool = msgspec.structs.replace(POOL, places=places, nominations=nominations, institution_id=None)
        self.shares: dict[str, int] = {}
        self.nominees: dict[str, Nominee] = {}
        self.named_by: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self.fallen: set[str] = set()
        self.ids = (str(n) for n in count())

    @property
    def state(self) -> tuple[object, ...]:
        return self.pool, dict(self.shares), dict(self.nominees), dict(self.places), set(self.fallen)

    @property
    def held(self) -> dict[str, str]:
        return {person: place for person, place in self.places.items() if person not in self.fallen}

    @property
    def pool(self) -> Pool:
        return msgspec.structs.replace(self.empty, chosen=len(self.held), named=len(self.nominees))

    def named(self, unit: str) -> int:
        return list(self.named_by.values()).count(unit)

    def shared(self) -> list[Share]:
        return [share(u, n, self.named(u)) for u, n in self.shares.items()]

    def play(self, command: Command) -> Sequence[PoolEvent]:
        match command:
            case ShareOut(nominations):
                return self._share(nominations)
            case Nominate(people):
                return self._nominate([_person(i) for i in people])
            case Choose(chosen, refused):
                return self._choose([f"n-{i}" for i in chosen], {f"n-{i}": "direction" for i in refused})
            case Give(institution):
                return self._assign(institution)
            case Fall(person):
                self.fallen |= {f"person-{person}"} & set(self.places)
                return []

    def _share(self, nominations: dict[str, int]) -> Sequence[PoolEvent]:
        wanted = [asked(u, n, self.named(u)) for u, n in nominations.items()]
        found = decide_shares(self.pool, self.shared(), wanted, synthetic=False)
        events = [e for e in found if not isinstance(e, Mistake)]
        self.shares |= {e.unit_id: e.nominations for e in events}
        return events

    def _nominate(self, people: Sequence[Candidate]) -> Sequence[PoolEvent]:
        known = {n.person_id: n.nomination_id for n in self.nominees.values()}
        units = {p.unit_id: s for p in people if (s := share_of(p.unit_path, self.shared()))}
        those = [msgspec.structs.replace(p, held=known.get(p.person_id)) for p in people]
        found = as_nominations(self.pool, decide_selection(those, cells(units), RULES, {}, NOW), units)
        for e in found.events:
            assert e.person_id not in known, "nobody is nominated twice"
            self.named_by[e.nomination_id] = e.nominated_by
            self.nominees[e.nomination_id] = Nominee(
                nomination_id=e.nomination_id, person_id=e.person_id, unit_id=e.unit_id, unit_path=e.unit_path, overridden=[],
                met_every_condition=True, override_reason=None, chosen_at=None, not_chosen_at=None)  # fmt: skip
        return found.events

    def _choose(self, chosen: Sequence[str], refused: dict[str, str]) -> Sequence[PoolEvent]:
        pool, asked_for = self.pool, sort(self.nominees, chosen, refused)
        by_person = {n.person_id: n for n in asked_for.chosen}
        decision = self._selection(asked_for.chosen)
        selected = with_conditions([e for e in decision.events if isinstance(e, TraineeSelected)], by_person)
        taken, passed = chosen_events(pool, selected, by_person), passed_events(pool, asked_for.passed, NOW)
        against = [*asked_for.refusals, *(renamed(r, by_person, pool) for r in decision.refusals)]
        answered = [e.nomination_id for e in taken] + [e.nomination_id for e in passed] + [r.key for r in against]
        assert sorted(answered) == sorted({*chosen, *refused}), "each nomination is accounted for once"
        self._keep(taken, passed)
        return [*taken, *passed]

    def _selection(self, nominees: Sequence[Nominee]) -> Decision:
        cell = Cell(cell_id="pool", unit_id="", unit=NAMES, places=self.pool.places, selected=self.pool.chosen)
        those = [msgspec.structs.replace(candidate(next(self.ids), n.unit_id), person_id=n.person_id, held=self.held.get(n.person_id))
                 for n in nominees]  # fmt: skip
        return decide_selection(those, {c.unit_id: cell for c in those}, RULES, {}, NOW)

    def _keep(self, taken: Sequence[NomineeChosen], passed: Sequence[NomineeNotChosen]) -> None:
        for e in taken:
            assert e.person_id not in self.places, "nobody is chosen twice, nor again after their place fell"
            self.places[e.person_id] = e.place_id
            self._mark(e.nomination_id, chosen_at=e.chosen_at)
        for gone in passed:
            self._mark(gone.nomination_id, not_chosen_at=gone.decided_at)

    def _mark(self, key: str, **moments: object) -> None:
        self.nominees[key] = msgspec.structs.replace(self.nominees[key], **moments)

    def _assign(self, institution: str) -> Sequence[PoolEvent]:
        event = decide_assign(self.pool, institution, f"/h/{institution}/", NOW)
        fresh = institution != self.pool.institution_id
        assert isinstance(event, PoolAssigned) == (fresh and not self.held), "whoever has chosen stays"
        if isinstance(event, PoolAssigned):
            self.empty = msgspec.structs.replace(
                self.empty, institution_id=event.institution_id, institution_path=event.institution_path
            )
        return [event] if isinstance(event, PoolAssigned) else []


def _person(number: int) -> Candidate:
    unit = "yz"[number % 2]
    return msgspec.structs.replace(candidate(number, unit), place_id=f"n-{number}", unit_path=f"/h/{unit}/school/")


def holds(pot: Pot) -> None:
    assert len(pot.held) <= pot.pool.places
    assert sum(pot.shares.values()) <= pot.pool.nominations
    assert all(pot.named(unit) <= pot.shares[unit] for unit in pot.named_by.values())
    assert set(pot.places) == {n.person_id for n in pot.nominees.values() if n.chosen_at}


some = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5)
commands = st.one_of(
    st.builds(ShareOut, st.dictionaries(st.sampled_from("yz"), st.integers(0, 4), min_size=1)),
    st.builds(Nominate, some),
    st.builds(Choose, some, st.lists(st.sampled_from(PEOPLE), max_size=2)),
    st.builds(Give, st.sampled_from("ij")),
    st.builds(Fall, st.sampled_from(PEOPLE)),
)


@pytest.mark.rule("Q13")
@settings(max_examples=200)
@example(2, 4, [Choose([0], []), Fall(0), Choose([0], [])])  # a choice is made once, also of somebody whose place fell
@example(2, 4, [Choose([0], []), Give("i")])
@example(2, 4, [ShareOut({"y": 3})])
@given(st.integers(0, 3), st.integers(0, 4), st.lists(commands, min_size=1, max_size=20))
def test_no_commands_in_any_order_overfill_a_pot(places: int, nominations: int, order: list[Command]) -> None:
    pot = Pot(places, nominations)
    shared = ShareOut({"y": nominations - nominations // 2, "z": nominations // 2})
    for command in (shared, Nominate(list(PEOPLE)), *order):  # so that most orders come as far as choosing
        pot.play(command)
        holds(pot)
        done = pot.state
        repeated = pot.play(command)
        assert pot.state == done, "asking again changes nothing"
        assert not repeated or isinstance(command, Give)
