"""Headers as provinces decorate them: whatever stands around a roster, the same rows are judged the same way."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.imports.service import words
from services.enrolment.rosters.domain import Cell, Row, Sheet, find_header, read_sheet
from shared.texts import Texts
from tests.support import messy

TODAY = date(2021, 7, 20)
WORDS = words(Texts.load(Path(__file__).parents[3] / "services" / "enrolment" / "texts.yaml"))
BORN = date(1985, 3, 1)
FIELDS = ("name", "id_number", "phone", "email", "school", "teaching_since", "backbone")
X = messy.ending_in_x(BORN)


def columns(*rows: Sequence[Cell]) -> dict[str, int] | None:
    header = find_header([*rows, ["陈样例", X, "13900000001"]], WORDS)
    return dict(header.columns) if header else None


@pytest.mark.parametrize(
    "headings",
    [
        ["姓名", "身份证号", "手机号"],
        ["*姓名", "身份证号（必填）", "手机号码\n(11位)"],
        ["教师姓名：", "居民身份证号码【18位】", "联系方式"],
        ["1.姓 名", "２、证件号码（文本）★", "③联系电话"],
        ["姓名/Name", "身份证号\nID number", "手机号 | Mobile"],
        ["NAME", "ID Number*", "phone (mobile)"],
    ],
)
def test_decorated_headings_and_their_synonyms_are_understood(headings: list[Cell]) -> None:
    assert columns(["名册"], [], headings) == {"name": 0, "id_number": 1, "phone": 2}


def test_a_header_of_two_rows_is_read_by_its_lower_row() -> None:
    upper: list[Cell] = ["姓名", "身份证号", "联系方式", "", "学校"]
    assert columns(upper, ["", "", "邮箱", "手机号", ""]) == {
        "name": 0,
        "id_number": 1,
        "email": 2,
        "phone": 3,
        "school_name": 4,
    }
    upper[2] = "通讯"
    assert columns(upper, ["", "", "办公电话", "手机", ""]) == {"name": 0, "id_number": 1, "phone": 3, "school_name": 4}
    assert columns(["基本信息", "", "通讯"], ["姓名", "身份证号", "手机号"]) == {"name": 0, "id_number": 1, "phone": 2}


def test_a_line_of_the_form_above_the_header_names_no_column() -> None:
    form: list[Cell] = ["单位：", "新密市", "联系电话：", "0371-00000110"]
    header: list[Cell] = ["序号", "姓名", "身份证号", "手机号"]
    assert columns(form, header) == {"name": 1, "id_number": 2, "phone": 3}
    assert columns(form, ["序号", "姓名", "身份证号", "通讯"], ["", "", "", "手机"]) == {
        "name": 1,
        "id_number": 2,
        "phone": 3,
    }


def test_a_teacher_whose_cell_sounds_like_a_heading_is_no_header() -> None:
    rows: list[list[Cell]] = [["姓名", "身份证号", "手机号", "类别"], ["陈样例", X, "13900000001", "骨干教师"]]
    assert [r.name for r in read_sheet(rows, WORDS, TODAY).rows] == ["陈样例"]


def test_of_two_telephones_the_mobile_is_taken_wherever_it_stands() -> None:
    assert columns(["姓名", "身份证号", "联系电话", "手机号"]) == {"name": 0, "id_number": 1, "phone": 3}
    assert columns(["姓名", "身份证号", "手机号", "联系电话"]) == {"name": 0, "id_number": 1, "phone": 2}


def test_a_header_of_two_rows_is_nobody_on_the_next_page_too() -> None:
    upper: list[Cell] = ["姓名", "身份证号", "联系方式", ""]
    lower: list[Cell] = ["", "", "手机号", "邮箱"]
    rows: list[list[Cell]] = [
        upper,
        lower,
        ["陈样例", X, "13900000001", ""],
        upper,
        lower,
        ["孙样例", X, "13900000002", ""],
    ]
    assert [r.row for r in read_sheet(rows, WORDS, TODAY).rows] == [3, 6]


def test_a_running_number_alone_is_nobody_and_a_repeated_header_is_nobody() -> None:
    header: list[Cell] = ["序号", "姓名", "身份证号", "手机号"]
    rows: list[list[Cell]] = [header, [1.0, "陈样例", X, "13900000001"], header, [2.0], [3.0, "", "", ""]]
    assert [r.row for r in read_sheet(rows, WORDS, TODAY).rows] == [2]
    assert read_sheet([header, [1.0], [2.0]], WORDS, TODAY).problem == "roster-empty"


@pytest.mark.parametrize(
    ("typed", "code", "shown"),
    [
        (410183198503010010, "id-as-number", "4.1018E+17"),
        (4.1018319850301e17, "id-as-number", "4.1018E+17"),
        ("4.10183E+17", "id-as-number", "4.10183E+17"),
        (410183850301001, "id-length", "4101…1001"),
        (messy.wrong(X), "id-checksum", f"4101…{messy.wrong(X)[-4:]}"),
        (X[:-1], "id-length", f"4101…{X[-5:-1]}"),
    ],
)
def test_a_number_that_lost_its_digits_is_explained_and_never_guessed(typed: Cell, code: str, shown: str) -> None:
    (row,) = read_sheet([["姓名", "身份证号", "手机号"], ["陈样例", typed, "13900000001"]], WORDS, TODAY).rows
    assert [(f.code, f.value, f.column) for f in row.findings] == [(code, shown, 1)]
    assert row.number == ""


@pytest.mark.parametrize(
    "typed", [X, X.lower(), X.translate(messy.FULL_WIDTH), f" {X[:6]} {X[6:14]} {X[14:]}", f"{X}\u200b"]
)
def test_one_number_has_one_spelling_however_it_was_typed(typed: str) -> None:
    (row,) = read_sheet(
        [["姓名", "身份证号", "手机号"], ["陈样例", typed, "１３９０００００００１"]], WORDS, TODAY
    ).rows
    assert (row.number, row.phone, row.findings) == (X, "13900000001", [])


HEADS = {
    "name": ("姓名", "*教师姓名", "姓　名"),
    "id_number": ("身份证号", "居民身份证号码（必填）", "ＩＤ number"),
    "phone": ("手机号", "联系方式", "手机号码\n(11位)"),
    "email": ("邮箱", "电子邮箱"),
    "school": ("学校代码", "所在学校", "1.工作单位"),
    "teaching_since": ("任教时间", "从教时间（年月）"),
    "backbone": ("教学骨干", "是否骨干教师"),
}
IDS = st.sampled_from(
    [messy.number(BORN, n) for n in range(1, 5)] + [X.lower(), messy.wrong(X), "4.10183E+17", 4.1e17, ""]
)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["陈样例", "孙示例·试", ""]),
    "id_number": IDS,
    "phone": st.sampled_from(["13900000001", "139 0000 0002", "12900000001", 13900000003.0]),
    "email": st.sampled_from(["", "a@example.invalid", "a"]),
    "school": st.sampled_from(["410183-s001", messy.TOWN, ""]),
    "teaching_since": st.sampled_from(["2010-09", "2010年9月", "", "以后"]),
    "backbone": st.sampled_from(["是", "否", "", "也许"]),
}
AROUND: list[Cell] = ["", "合成数据", "填报单位：", 7.0]
NOISE = st.lists(st.sampled_from(AROUND), max_size=9)
People = list[dict[str, Cell]]


def judged(sheet: Sheet) -> list[tuple[Any, ...]]:
    """What the rows say of people, without where they stand."""
    nth = {row.row: n for n, row in enumerate(sheet.rows)}

    def told(row: Row) -> list[tuple[Any, ...]]:
        return [(f.field, f.code, f.value, {k: nth.get(v, v) for k, v in f.vars.items()}) for f in row.findings]

    return [
        (r.name, r.number, r.born_on, r.phone, r.email, r.school, r.teaching_since, r.marks, told(r))
        for r in sheet.rows
    ]


@st.composite
def decorated(draw: st.DrawFn, people: People) -> list[list[Cell]]:
    """The people under a title, between other columns, in any order of columns, with empty and merely numbered rows."""
    order: list[str] = draw(st.permutations([*FIELDS, "remark", "serial"]))
    heads: list[Cell] = [draw(st.sampled_from(HEADS[f])) if f in HEADS else f for f in order]
    header: list[list[Cell]] = [heads]
    if draw(st.booleans()):
        split = draw(st.integers(0, len(heads)))
        shared: list[Cell] = ["分组"] * (len(heads) - split)
        open_: list[Cell] = [""] * split
        upper: list[Cell] = [*heads[:split], *shared]
        lower: list[Cell] = [*open_, *heads[split:]]
        header = [upper, lower]
    rows: list[list[Cell]] = [*draw(st.lists(NOISE, max_size=6)), *header]
    for n, person in enumerate(people):
        if draw(st.booleans()):
            rows.append([""] * len(order))
        beside: dict[str, Cell] = {"serial": float(n), "remark": "备注"}
        rows.append([person[f] if f in person else beside[f] for f in order])
    rows.append([float(len(people)) if f == "serial" else "" for f in order])
    return rows


PEOPLE = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=5)


@pytest.mark.rule("Q05")
@given(st.data(), PEOPLE)
def test_any_order_of_columns_and_any_decoration_gives_the_same_judged_rows(
    data: st.DataObject, people: People
) -> None:
    plain = read_sheet([[HEADS[f][0] for f in FIELDS], *[[p[f] for f in FIELDS] for p in people]], WORDS, TODAY)
    messed = read_sheet(data.draw(decorated(people)), WORDS, TODAY)
    assert judged(messed) == judged(plain)
    assert len(plain.rows) == len(people)
