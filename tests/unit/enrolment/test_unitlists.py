"""A bureau's list of units against the tree. Synthetic units; names are made up."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.unitlists.domain import (
    Change,
    Difference,
    Held,
    Line,
    Meant,
    Preview,
    Tree,
    compare,
    differences,
    events,
    meanings,
    read_lines,
    restless,
)
from services.enrolment.units.domain import KnownUnit
from shared.events.base import Names
from shared.events.enrolment import UnitRegistered

TODAY = date(2021, 7, 20)
HEADINGS = {"code": ["单位代码", "Code"], "name": ["单位名称"], "kind": ["类别"], "superior": ["上级代码"]}
STATED = [
    Meant(kind=key, level=level, depth=depth, names=Names(zh, key))
    for key, level, depth, zh in (
        ("province", "province", 0, "省"),
        ("city", "city", 1, "省辖市"),
        ("county", "county", 2, "区县"),
        ("development_zone", "county", 2, "开发区"),
        ("school", "school", 3, "学校"),
        ("institution", None, None, "承训单位"),
    )
]
KINDS = meanings(STATED, {"township": Names("乡镇学校", "township school"), "urban": Names("城区学校", "urban school")})
LEVELS = {m.kind: m.level for m in STATED}


def unit(code: str, above: str, kind: str, path: str, **more: Any) -> KnownUnit:
    return KnownUnit(
        event=UnitRegistered(unit_id=f"id-{code}", code=code, kind=kind, level=LEVELS[kind], parent_id=f"id-{above}",
                             path=path, names=Names(f"名{code}", f"Name {code}"), valid_from=date(2021, 1, 1), **more),
        version=1,
    )  # fmt: skip


ROOT = unit("c", "p", "city", "/id-p/id-c/")
KNOWN = {
    k.event.code: k
    for k in (
        unit("k1", "c", "county", "/id-p/id-c/id-k1/"),
        unit("k2", "c", "county", "/id-p/id-c/id-k2/"),
        unit("s1", "k1", "school", "/id-p/id-c/id-k1/id-s1/", school_kind="township", rural=True),
        unit("s9", "k1", "school", "/id-p/id-c/id-k1/id-s9/", valid_until=date(2021, 6, 30)),
        unit("d", "p", "city", "/id-p/id-d/"),
    )
}
TREE = Tree(root=ROOT, units=KNOWN, kinds=KINDS, today=TODAY)
STANDING = [("k1", "名k1", "区县", "c"), ("k2", "名k2", "区县", "c"), ("s1", "名s1", "乡镇学校", "k1")]


def lines(*rows: tuple[str, str, str, str]) -> list[Line]:
    return [Line(row=i, code=c, name=n, kind=k, superior=s) for i, (c, n, k, s) in enumerate(rows, 2)]


def preview(*rows: tuple[str, str, str, str], whole: bool = False, held: dict[str, Held] | None = None) -> Preview:
    return compare(lines(*rows), TREE, held or {}, whole=whole)


def changed(found: Preview) -> list[tuple[str, str]]:
    return [(c.what, c.code) for c in found.changes]


def against(found: Preview) -> list[tuple[int, str]]:
    return [(f.row, f.problem) for f in found.faults]


def test_columns_are_found_by_their_headings_in_any_order_and_rows_keep_their_numbers() -> None:
    grid = [
        ["", "某市单位表"],
        ["上级代码", "类别", "备注", "单位名称", " 单位代码 "],
        [],
        ["c", "区县", "x", "新县", "４１01"],
        ["c"],
    ]
    found = read_lines(grid, HEADINGS)
    assert found.lines[0] == Line(row=4, code="4101", name="新县", kind="区县", superior="c")
    assert found.lines[1] == Line(row=5, code="", name="", kind="", superior="c")
    assert read_lines([["单位代码", "类别"]], HEADINGS).problem == "list-without-header"
    assert read_lines(grid[:2], HEADINGS).problem == "list-empty"


def test_what_is_on_record_is_unchanged_and_a_bare_word_for_a_school_keeps_its_kind() -> None:
    found = preview(*STANDING[:2], ("s1", "名s1", "学校", "k1"))
    assert (found.changes, found.unchanged, found.faults) == ([], 3, [])


@pytest.mark.rule("A05")
def test_counties_zones_and_schools_are_added_with_those_above_them_first() -> None:
    rows = (("s2", "新校", "乡镇学校", "z1"), ("z1", "新区", "开发区", "c"), ("s3", "直属校", "城区学校", "c"))
    found = preview(*rows)
    assert changed(found) == [("added", "s2"), ("added", "s3"), ("added", "z1")]
    told = {e.code: e for e in events(found.changes, TREE, {c: f"id-{c}" for c, *_ in rows})}
    assert list(told).index("z1") < list(told).index("s2")
    assert (told["s2"].path, told["s2"].parent_id) == ("/id-p/id-c/id-z1/id-s2/", "id-z1")
    assert (told["s2"].school_kind, told["s2"].rural, told["s3"].rural) == ("township", True, False)
    assert (told["z1"].kind, told["z1"].level, told["z1"].valid_from) == ("development_zone", "county", TODAY)
    assert told["s3"].path == "/id-p/id-c/id-s3/"


def test_a_new_name_or_kind_keeps_the_unit() -> None:
    found = preview(("k1", "新名", "开发区", "c"))
    (change,) = found.changes
    assert (change.what, change.old_name, change.old_kind) == ("renamed", "名k1", "county")
    (event,) = events(found.changes, TREE, {})
    assert (event.unit_id, event.names.zh, event.kind, event.path) == (
        "id-k1",
        "新名",
        "development_zone",
        "/id-p/id-c/id-k1/",
    )


def test_a_bare_unit_moves_and_one_with_people_says_what_hangs_on_it() -> None:
    row = ("s1", "名s1", "乡镇学校", "k2")
    assert restless(lines(row), TREE, whole=False) == ["s1"]
    found = preview(row)
    assert [(c.what, c.old_superior) for c in found.changes] == [("moved", "k1")]
    (event,) = events(found.changes, TREE, {})
    assert (event.unit_id, event.parent_id, event.path) == ("id-s1", "id-k2", "/id-p/id-c/id-k2/id-s1/")
    used = preview(row, held={"s1": Held(people=12, cells=1, places=20)})
    assert against(used) == [(2, "unit-in-use")]
    assert used.faults[0].vars == {"children": 0, "people": 12, "rosters": 0, "cells": 1, "places": 20}


def test_only_a_whole_list_ends_what_it_does_not_name() -> None:
    assert changed(preview(*STANDING[:2])) == []
    found = preview(*STANDING[:2], whole=True, held={"s1": Held(people=3, places=2, cells=1)})
    assert [(c.what, c.code, c.people, c.places) for c in found.changes] == [("ended", "s1", 3, 2)]
    (event,) = events(found.changes, TREE, {})
    assert (event.valid_until, event.path) == (TODAY, KNOWN["s1"].event.path)


def test_nothing_ends_while_a_row_is_faulty() -> None:
    found = preview(*STANDING[:2], ("s1x!", "名s1", "乡镇学校", "k1"), whole=True)
    assert (changed(found), against(found)) == ([], [(4, "unit-code-invalid")])


def test_a_unit_that_ended_comes_back_under_its_id() -> None:
    found = preview(("s9", "名s9", "学校", "k1"))
    assert changed(found) == [("resumed", "s9")]
    (event,) = events(found.changes, TREE, {})
    assert (event.unit_id, event.valid_until) == ("id-s9", None)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("", "甲", "学校", "k1"), "unit-code-missing"),
        (("4.1E+5", "甲", "学校", "k1"), "unit-code-invalid"),
        (("x", "", "学校", "k1"), "unit-name-missing"),
        (("x", "甲" * 81, "学校", "k1"), "unit-name-long"),
        (("x", "甲", "幼儿园", "k1"), "unit-kind-unknown"),
        (("x", "甲", "学校", ""), "unit-superior-missing"),
        (("x", "甲", "学校", "none"), "unit-superior-unknown"),
        (("x", "甲", "学校", "d"), "unit-superior-elsewhere"),
        (("x", "甲", "区县", "s1"), "unit-superior-too-low"),
        (("x", "甲", "学校", "s9"), "unit-superior-ended"),
        (("d", "甲", "省辖市", "c"), "unit-elsewhere"),
        (("c", "甲", "省辖市", "c"), "unit-elsewhere"),
        (("k1", "名k1", "学校", "c"), "unit-level-changed"),
        (("x", "甲", "省", "c"), "unit-superior-too-low"),
    ],
)
def test_a_faulty_row_is_told_and_left_out(row: tuple[str, str, str, str], problem: str) -> None:
    found = preview(row, ("y", "乙", "学校", "k1"))
    assert against(found) == [(2, problem)]
    assert changed(found) == [("added", "y")]


def test_every_mistake_of_a_row_is_told_and_the_second_of_a_code() -> None:
    found = preview(("y", "乙", "学校", "k1"), ("y", "", "无", ""))
    assert against(found) == [
        (3, "unit-code-twice"),
        (3, "unit-name-missing"),
        (3, "unit-kind-unknown"),
        (3, "unit-superior-missing"),
    ]
    assert found.faults[0].vars == {"first_row": 2}


def test_rows_below_a_faulty_row_wait_for_it() -> None:
    found = preview(("s2", "校", "学校", "z1"), ("z1", "区", "开发区", "none"))
    assert against(found) == [(2, "unit-superior-faulty"), (3, "unit-superior-unknown")]
    assert found.faults[0].vars == {"superior": "z1", "row": 3}
    circle = preview(("a", "甲", "区县", "b"), ("b", "乙", "区县", "a"))
    assert {p for _, p in against(circle)} == {"unit-superior-faulty"}


def test_a_whole_list_needs_the_superiors_that_it_speaks_of() -> None:
    found = preview(STANDING[0], ("s2", "校", "学校", "k2"), whole=True)
    assert against(found) == [(3, "unit-superior-left-out")]


def test_two_comparisons_differ_by_unit() -> None:
    then, now = preview(("s2", "校", "学校", "k1"), ("k1", "新名", "区县", "c")), preview(("k1", "新名", "区县", "c"))
    assert differences(then.changes, then.changes) == []
    assert differences(then.changes, now.changes) == [Difference("s2", "校", "added", None)]
    other = [msgspec.structs.replace(now.changes[0], old_name="又一名")]
    assert [d.code for d in differences(now.changes, other)] == ["k1"]


rows_ = st.tuples(
    st.sampled_from(["k1", "k2", "s1", "s9", "x", "y", "z", "d", "c", ""]),
    st.sampled_from(["名k1", "新", ""]),
    st.sampled_from(["区县", "学校", "乡镇学校", "开发区", "承训单位", "?"]),
    st.sampled_from(["c", "k1", "k2", "x", "y", "s1", "d", ""]),
)


@given(rows=st.lists(rows_, max_size=8), whole=st.booleans())
def test_whatever_is_uploaded_the_tree_stays_a_tree(*, rows: list[tuple[str, str, str, str]], whole: bool) -> None:
    """Each row is taken, unchanged or told; what is written hangs together, inside the subtree."""
    found = compare(lines(*rows), TREE, {}, whole=whole)
    bad = {f.row for f in found.faults}
    written = [c for c in found.changes if c.what != "ended"]
    assert len(bad) + found.unchanged + len(written) == len(rows)
    after = {c: k.event for c, k in KNOWN.items()} | {"c": ROOT.event}
    for event in events(found.changes, TREE, {c.code: f"id-{c.code}" for c in found.changes if isinstance(c, Change)}):
        after[event.code] = event
    by_id = {e.unit_id: e for e in after.values()}
    for change in found.changes:
        event = after[change.code]
        assert event.path == f"{by_id[str(event.parent_id)].path}{event.unit_id}/"
        assert event.path.startswith(ROOT.event.path)
