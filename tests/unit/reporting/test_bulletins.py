"""When a bulletin may be frozen, what it holds, and what differs from it later."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.bulletins.domain.differences import differences
from services.reporting.bulletins.domain.freezing import (
    FORMAT,
    Frozen,
    Known,
    Refused,
    bulletin_id,
    check,
    seal,
    unseal,
)
from services.reporting.bulletins.domain.planning import Plan, plan
from services.reporting.league.domain.ranking import Entrant
from services.reporting.league.domain.sheets import Field, Sheet, sheet
from shared.policy.tables import Ranking
from tests.support.year import policy
from tests.unit.reporting.given import entrant, formula, rules

NOW = datetime(2022, 12, 31, 16, tzinfo=UTC)
RANKING = msgspec.convert({"key": "units", "names": {"zh": "各市县", "en": "Units"}, "ranked": {"level": "city"},
                           "within": "group", "by": ["checkin"], "beside": [], "used_for": []}, Ranking)  # fmt: skip
FIELD = Field("g", "组", "Group")
PLAN = Plan("b", "通报", "Bulletin", ("units",), "410000", "final")
COUNTS = st.lists(
    st.integers(0, 30).flatmap(lambda e: st.tuples(st.integers(0, e), st.just(e))), min_size=1, max_size=8
)


def drawn(pairs: list[tuple[int, int]]) -> Sheet:
    lines = [entrant(f"{410000 + n}", {"checked_in": c, "expected": e}) for n, (c, e) in enumerate(pairs)]
    return of(lines)


def of(lines: list[Entrant]) -> Sheet:
    return sheet(RANKING, "city", FIELD, ["p"], lines, [formula()], rules())


def frozen(*sheets: Sheet) -> Frozen:
    return Frozen(FORMAT, "p-01", 1, 2022, "p@1", "0" * 64, "410000", PLAN, NOW, NOW, None, None, list(sheets))


@pytest.mark.rule("M08")
def test_the_bulletin_of_2022_has_a_table_of_units_and_one_of_institutions() -> None:
    followed = plan(policy("zhengzhou-2022"))
    assert followed.tables == ("units-2022", "institutions-2022")
    assert (followed.published_by, followed.drawn_here_as, followed.announced) == ("410000", "preview", True)
    assert followed.sections == ("on_time", "quality", "quantity", "evaluation")


def test_a_year_that_announces_no_bulletin_gets_a_record_of_its_rankings() -> None:
    plain = plan(policy("henan-2021"))
    assert (plain.announced, plain.tables) == (False, ("units-2021", "institutions-2021"))
    assert (plain.published_by, plain.drawn_here_as) == ("410000", "final")


@pytest.mark.parametrize(("restates", "reason", "code"), [
    (None, None, "already-frozen"), ("p-01", "x", "already-restated"), ("p-03", "x", "bulletin-unknown"),
    ("p-02", None, "reason-missing"), ("p-02", "  ", "reason-missing"), ("q-01", "x", "bulletin-unknown"),
])  # fmt: skip
def test_what_is_refused(restates: str | None, reason: str | None, code: str) -> None:
    known = [
        Known("p-01", "p", "b", None, "p-02"),
        Known("p-02", "p", "b", "p-01", None),
        Known("q-01", "p", "c", None, None),
    ]
    with pytest.raises(Refused) as refused:
        check(known, "b", restates, reason)
    assert refused.value.code == code


def test_the_first_one_and_a_restatement_of_the_one_in_force_are_not() -> None:
    known = [Known("p-01", "p", "b", None, "p-02"), Known("p-02", "p", "b", "p-01", None)]
    check([], "b", None, None)
    check(known, "b", "p-02", "a reason")
    assert bulletin_id("p", len(known) + 1) == "p-03"


@given(COUNTS)
def test_a_seal_is_the_hash_of_what_any_json_writer_writes(pairs: list[tuple[int, int]]) -> None:
    text, digest = seal(frozen(drawn(pairs)))
    plain: Any = json.loads(text)
    assert json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert seal(unseal(text)) == (text, digest)
    assert not any(isinstance(value, float) for value in leaves(plain))


def leaves(node: Any) -> list[Any]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    return [node] if children is None else [leaf for child in children for leaf in leaves(child)]


@given(COUNTS, COUNTS)
def test_differences_are_those_figures_that_are_not_equal(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    old, new = drawn(before), drawn(after)
    (found,) = differences([old], [new])
    told = {(c.row, c.what) for c in found.changes}
    for n, (was, is_) in enumerate(zip(before, after, strict=False)):
        assert ((f"{410000 + n}", "checked_in") in told) == (was[0] != is_[0])
    assert {c.row for c in found.changes if c.what == "expected"} >= {
        f"{410000 + n}" for n in range(len(after), len(before))
    }
    assert (("total", "expected") in told) == (sum(e for _, e in before) != sum(e for _, e in after))
    assert differences([old], [old])[0].changes == []


def test_places_under_no_unit_and_the_total_are_told_apart() -> None:
    def with_rest(n: int) -> Sheet:
        rest = msgspec.structs.replace(entrant("", {"checked_in": n, "expected": 20}), unit_id="")
        return of([entrant("410100", {"checked_in": 15, "expected": 20}), rest])

    (found,) = differences([with_rest(3)], [with_rest(4)])
    assert {(c.row, c.what, c.before, c.after) for c in found.changes} == {
        ("rest", "checked_in", "3", "4"), ("rest", "rate:checkin", "15.00%", "20.00%"),
        ("total", "checked_in", "18", "19"), ("total", "rate:checkin", "45.00%", "47.50%"),
    }  # fmt: skip


def test_another_version_of_a_formula_is_told() -> None:
    old = drawn([(9, 10)])
    other = sheet(RANKING, "city", FIELD, ["p"], [], [formula(version=2)], rules())
    assert differences([old], [other])[0].formulas == ["checkin"]
    assert differences([old], [])[0].changes[0].after is None
