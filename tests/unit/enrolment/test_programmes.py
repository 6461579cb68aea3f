"""Publishing gives away what the policy says: every place once, to units that were asked for, and told somebody there."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.programmes.domain import (
    Draft,
    Receiver,
    cohorts,
    decide_allocation,
    decide_publish,
    receiving_codes,
    without_contact,
)
from shared.events.base import Names
from shared.policy import Policy, from_dict, load
from shared.policy.quota import PoolQuota, TreeQuota
from tests.unit.enrolment.given import NOW

POLICIES = sorted((Path(__file__).parents[3] / "deploy" / "policies").glob("*-20??.yaml"))


@cache
def policy(path: Path = POLICIES[0]) -> Policy:
    return load(path.read_text("utf-8"))


def spread(tables: Sequence[dict[str, int] | PoolQuota | None]) -> Policy:
    """The year with other tables of places, or pots; None is a pot that nobody gets a share of."""
    following = iter(tables)

    def quota() -> TreeQuota | PoolQuota:
        table = next(following, None)
        if table is None:
            return PoolQuota(total=7, chosen_by="issuer")
        if isinstance(table, PoolQuota):
            return table
        return TreeQuota(total=sum(table.values()), allocation=table)

    projects = tuple(
        msgspec.structs.replace(p, cohorts=tuple(msgspec.structs.replace(c, quota=quota()) for c in p.cohorts))
        for p in policy().projects
    )
    return msgspec.structs.replace(policy(), projects=projects)


def receiver(code: str, contacts: int = 1) -> Receiver:
    return Receiver(unit_id=f"u-{code}", code=code, path=f"/h/u-{code}/", names=Names(code, code), contacts=contacts)


def draft(year: Policy) -> Draft:
    return Draft(programme_id="programme", issuer_unit_id="h", issuer_path="/h/", policy=year)


tables = st.lists(
    st.none() | st.dictionaries(st.integers(1, 6).map(lambda n: f"4101{n:02}"), st.integers(0, 50), max_size=6),
    max_size=8,
)


@given(tables)
def test_every_place_of_every_table_is_given_once_to_a_unit_that_was_asked_for(
    given_: list[dict[str, int] | None],
) -> None:
    year, ids = spread(given_), count()
    known = {code: receiver(code) for code in receiving_codes(year)}
    events = decide_allocation(draft(year), known, (str(n) for n in ids))
    stated = {
        (c.key, code): n
        for _, c in cohorts(year)
        if isinstance(c.quota, TreeQuota)
        for code, n in c.quota.allocation.items()
        if n
    }
    assert {(e.cohort, e.unit_id.removeprefix("u-")): e.places for e in events} == stated
    assert [e.cell_id for e in events] == [str(n) for n in range(len(stated))]
    assert {e.unit_id.removeprefix("u-") for e in events} | {year.issuer} == set(known)


@given(tables, st.dictionaries(st.integers(1, 6).map(lambda n: f"4101{n:02}"), st.integers(0, 3)))
def test_publishing_is_blocked_by_exactly_those_whom_nobody_could_tell(
    given_: list[dict[str, int] | None], contacts: dict[str, int]
) -> None:
    year = spread(given_)
    needed = year.units.contacts.required
    asked = [receiver(code, contacts.get(code, needed)) for code in receiving_codes(year)]
    blocking = without_contact(year, asked)
    assert Counter(r.code for r in blocking) == Counter(
        c for c in receiving_codes(year) if contacts.get(c, needed) < needed
    )
    assert without_contact(year, [msgspec.structs.replace(r, contacts=max(r.contacts, needed)) for r in asked]) == []


@pytest.mark.parametrize("path", POLICIES, ids=lambda p: p.stem)
def test_a_consumer_reads_the_same_year_that_was_published(path: Path) -> None:
    reads_the_same(policy(path))


@given(tables)
def test_a_consumer_reads_any_tables_as_they_were_published(given_: list[dict[str, int] | None]) -> None:
    reads_the_same(spread(given_))


def reads_the_same(year: Policy) -> None:
    event = decide_publish(draft(year), NOW)
    assert from_dict(event.policy).to_dict() == year.to_dict()
    assert (event.key, event.revision, event.sha256) == (year.key, year.revision, year.sha256)
