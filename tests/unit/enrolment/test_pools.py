"""Shares of a pot, nominations out of them, and the choice: pure decisions."""

from datetime import datetime
from decimal import Decimal
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.generate import services
from services.enrolment.choices.domain import Nominee, passed_events, renamed, sort
from services.enrolment.nominations.domain import as_nominations, cells, share_of
from services.enrolment.places.domain import Refusal, decide_selection
from services.enrolment.pools.domain import Asked, Mistake, Pool, Share, decide_assign, decide_open, decide_shares
from shared.events.base import Names
from shared.events.enrolment import PoolAssigned, PoolEvent
from shared.policy.quota import Nominations, PoolQuota
from tests.unit.enrolment.given import NOW, candidate, rules
from tests.unit.enrolment.test_programmes import spread
from tests.unit.enrolment.test_tables import policy

NAMES = Names("郑州市", "Zhengzhou")
POOL = Pool(pool_id="pool", version=1, programme_id="programme", policy_key="henan-2021", project="trainers-province",
            cohort="trainer", places=150, nominations=180, institution_id="i", institution_path="/h/i/")  # fmt: skip


def share(unit: str = "z", nominations: int = 14, named: int = 0, *, synthetic: bool = False) -> Share:
    return Share(unit_id=unit, code=unit, unit_path=f"/h/{unit}/", unit=NAMES, nominations=nominations, synthetic=synthetic, named=named)  # fmt: skip


def asked(unit: str, nominations: int, named: int = 0, contacts: int = 1) -> Asked:
    return Asked(
        unit_id=unit, unit_path=f"/h/{unit}/", unit=NAMES, nominations=nominations, named=named, contacts=contacts
    )


def nominee(key: str, **moments: datetime) -> Nominee:
    usual: dict[str, datetime | None] = {"chosen_at": None, "not_chosen_at": None}
    return Nominee(nomination_id=key, person_id=f"person-{key}", unit_id="s", unit_path="/h/z/s/", met_every_condition=True,
                   overridden=[], override_reason=None, **usual | moments)  # fmt: skip


@pytest.mark.rule("Q13", "Q14")
def test_publishing_opens_the_pot_of_150_for_180() -> None:
    (opened,) = decide_open(policy("henan-2021"), "programme", iter(["pool"]), NOW)
    assert (opened.project, opened.cohort, opened.places, opened.nominations) == (
        "trainers-province",
        "trainer",
        150,
        180,
    )
    assert decide_open(policy("zhengzhou-2022"), "programme", iter([]), NOW) == []


pots = st.builds(
    lambda places, more: pot(places, places + more) if more else None, st.integers(1, 99), st.integers(0, 9)
)


def pot(places: int, named: int) -> PoolQuota:
    terms = Nominations(
        ratio=Decimal(named) / places, total=named, allocation={}, not_chosen="no_trace_in_rates_or_record"
    )
    return PoolQuota(total=places, chosen_by="institution", nominations=terms)


@pytest.mark.rule("Q13")
@given(st.lists(pots, max_size=8))
def test_publishing_opens_each_pot_of_the_year_once_with_its_own_numbers(quotas: list[PoolQuota | None]) -> None:
    year = spread(quotas)
    stated = [(p.key, c.key, c.quota.total, c.quota.nominations.total) for p in year.projects for c in p.cohorts
              if isinstance(c.quota, PoolQuota) and c.quota.nominations]  # fmt: skip
    opened = decide_open(year, "programme", (str(n) for n in count()), NOW)
    assert [(e.project, e.cohort, e.places, e.nominations) for e in opened] == stated
    assert len(stated) == sum(q is not None for q in quotas)
    assert [e.pool_id for e in opened] == [str(n) for n in range(len(stated))]


def test_all_mistakes_of_shares_are_told_at_once() -> None:
    wrong = decide_shares(
        POOL, [share("y", 100)], [asked("z", 90), asked("x", 1, named=2), asked("w", 1, contacts=0)], synthetic=False
    )
    assert [m.code for m in wrong if isinstance(m, Mistake)] == [
        "nominations-below-named", "unit-without-contact", "nominations-exceeded"
    ]  # fmt: skip


def test_a_share_that_stays_as_it_is_leads_to_no_event_and_a_lost_mark_does() -> None:
    invented = share(synthetic=True)
    assert decide_shares(POOL, [invented], [asked("z", 14)], synthetic=True) == []
    assert len(decide_shares(POOL, [invented], [asked("z", 14)], synthetic=False)) == 1


def test_an_institution_that_is_named_already_leads_to_no_event() -> None:
    named = msgspec.structs.replace(POOL, institution_id="j", institution_path="/h/j/")
    assert decide_assign(named, "j", "/h/j/", NOW) is None
    assert isinstance(decide_assign(named, "i", "/h/i/", NOW), PoolAssigned)


def test_the_institution_stays_once_it_has_chosen() -> None:
    assert isinstance(decide_assign(POOL, "j", "/h/j/", NOW), PoolAssigned)
    chosen = Pool(**{f: getattr(POOL, f) for f in POOL.__struct_fields__} | {"chosen": 1})
    assert decide_assign(chosen, "j", "/h/j/", NOW) == Mistake("pool-chosen-from", None, {"chosen": 1})


@pytest.mark.rule("Q13")
def test_a_units_people_share_its_nominations_wherever_they_work() -> None:
    own = share(nominations=3)
    assert share_of("/h/z/county/school/", [share("y"), own]) == own
    assert share_of("/h/q/", [own]) is None
    people = [candidate(i, unit=f"school-{i % 2}") for i in range(4)] + [candidate(9, unit="stranger")]
    shares = {"school-0": own, "school-1": own}
    decision = decide_selection(people, cells(shares), rules(), {}, NOW)
    found = as_nominations(POOL, decision, shares)
    assert [e.nominated_by for e in found.events] == ["z"] * 3
    assert [(r.code, r.vars.get("places")) for r in found.refusals] == [
        ("nominations-used-up", 3),
        ("no-nominations", None),
    ]


@pytest.mark.rule("L13")
def test_nobody_is_passed_over_without_a_reason_and_a_choice_is_not_taken_back() -> None:
    known = {
        "a": nominee("a"),
        "b": nominee("b", chosen_at=NOW),
        "c": nominee("c", not_chosen_at=NOW),
        "d": nominee("d"),
    }
    found = sort(known, ["a", "b", "c", "x"], {"b": "late", "d": " ", "a": "both"})
    assert [n.nomination_id for n in found.chosen] == ["c"], "somebody passed over may still be chosen"
    assert {r.key: r.code for r in found.refusals} == {
        "a": "chosen-and-refused", "b": "chosen-and-refused", "x": "nomination-unknown", "d": "choice-reason-missing"
    }  # fmt: skip
    (event,) = passed_events(POOL, sort(known, [], {"d": "方向不符"}).passed, NOW)
    assert "方向" not in str(event)


@pytest.mark.rule("Q13")
def test_a_full_pot_says_so_with_its_numbers() -> None:
    told = renamed(Refusal("person-a", "quota-used-up"), {"person-a": nominee("a")}, POOL)
    assert (told.key, told.code, told.vars) == ("a", "pool-full", {"places": 150, "chosen": 0})


@pytest.mark.rule("Q13", "L13")
def test_figures_and_record_never_hear_of_nominations() -> None:
    listening = {service.name for service in services() if PoolEvent.topic in service.topics}
    assert listening == {"notify"}, (
        "who is not chosen leaves no trace: neither reporting nor blacklist reads the pot's stream"
    )
