"""Reading rosters: every row is judged, and every mistake says where it stands."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.imports.domain import School, elsewhere, judge
from services.enrolment.imports.service import words, words_of
from services.enrolment.people.domain import check_digit
from services.enrolment.rosters.domain import Cell, Row, Sheet, read_sheet
from shared.policy import load
from shared.texts import Texts

TODAY = date(2021, 7, 20)
TEXTS = Texts.load(Path(__file__).parents[3] / "services" / "enrolment" / "texts.yaml")
WORDS = words(TEXTS)
HEADER: list[Cell] = ["姓名", "身份证号", "手机号", "邮箱", "学校代码", "任教时间", "教学骨干"]
TOWN = School("u-1", "410183-s001", "示例乡中心小学", "/p/c/u-1/")
TWIN = School("u-2", "410183-s002", "示例镇初级中学", "/p/c/u-2/")


def number(serial: int) -> str:
    body = f"41018319850301{serial:03d}"
    return body + check_digit(body)


def line(serial: int = 1, **changes: Cell) -> list[Cell]:
    usual: dict[str, Cell] = {
        "name": "陈测试",
        "id": number(serial),
        "phone": f"1390000{serial:04d}",
        "email": "",
        "school": "410183-s001",
        "since": "2010-09",
        "backbone": "是",
    }
    return list((usual | changes).values())


def sheet(*lines: Sequence[Cell], header: Sequence[Cell] = HEADER) -> Sheet:
    return read_sheet([header, *lines], WORDS, TODAY)


def wrong(row: Row) -> list[tuple[str, str]]:
    return [(f.field, f.code) for f in row.findings]


def test_a_good_row_keeps_the_number_that_it_has_in_the_file() -> None:
    read = read_sheet([["名册"], [], HEADER, [None] * 7, line(7)], WORDS, TODAY)
    (row,) = read.rows
    assert (read.header_row, row.row, row.findings) == (3, 5, [])
    assert (row.number, row.phone, row.teaching_since) == (number(7), "13900000007", date(2010, 9, 1))
    assert row.marks == ["teaching_backbone"]


def test_headings_are_found_in_any_order_and_spelling() -> None:
    header = ["电子邮箱", "手 机 号 码*", "公民身份号码", "教师姓名：", "教龄（年）", "ＩＤ"]
    read = sheet(["a@example.invalid", 13900000001.0, number(1), "陈测试", 8.0, ""], header=header)
    assert read.rows[0].findings == []
    assert read.rows[0].teaching_since == date(2013, 7, 20)


def test_an_english_roster_is_understood() -> None:
    header = ["Name", "ID number", "Phone", "School code", "Teaching since", "Backbone"]
    read = sheet(["Chen Test", number(1), "13900000001", "410183-s001", "2010-09", "yes"], header=header)
    assert read.rows[0].findings == []
    assert read.rows[0].marks == ["teaching_backbone"]


def test_an_id_that_the_sheet_turned_into_a_number_is_an_error_even_if_it_looks_whole() -> None:
    row = sheet(line(id=float(number(1)[:15] + "000"))).rows[0]
    assert wrong(row) == [("id_number", "id-as-number")]
    assert row.findings[0].value == "4.1018E+17"
    assert row.findings[0].column == 1


def test_a_phone_that_the_sheet_turned_into_a_number_is_whole() -> None:
    assert sheet(line(phone=13900000001.0)).rows[0].phone == "13900000001"


def test_every_mistake_of_every_row_is_told() -> None:
    bad = line(2, name="", phone="12900000001", since="2010-13", backbone="也许", email="no")
    read = sheet(line(1), bad, line(3, id="123"), line(4))
    assert [bool(r.findings) for r in read.rows] == [False, True, True, False]
    assert wrong(read.rows[1]) == [
        ("name", "name-missing"),
        ("phone", "phone-invalid"),
        ("email", "email-invalid"),
        ("teaching_since", "teaching-since-invalid"),
        ("backbone", "yes-or-no"),
    ]


def test_no_finding_repeats_a_whole_number() -> None:
    typed = number(1)[:-1] + ("0" if number(1)[-1] != "0" else "1")
    read = sheet(line(id=typed), line(2), line(2))
    values = [f.value for r in read.rows for f in r.findings]
    assert values == [f"4101…{typed[-4:]}", f"4101…{number(2)[-4:]}"]


def test_the_second_row_of_one_person_is_a_mistake_and_names_the_first() -> None:
    read = sheet(line(1), line(2), line(1, name="陈样例"))
    assert wrong(read.rows[2]) == [("id_number", "id-twice")]
    assert read.rows[2].findings[0].vars == {"first_row": 2}
    assert read.rows[0].findings == []


@pytest.mark.parametrize(
    ("since", "day"),
    [
        ("2010-09", date(2010, 9, 1)),
        ("2010年9月", date(2010, 9, 1)),
        ("2010.9.15", date(2010, 9, 15)),
        ("２０１０／０９", date(2010, 9, 1)),
        (201009.0, date(2010, 9, 1)),
        ("20100915", date(2010, 9, 15)),
        (datetime(2010, 9, 15), date(2010, 9, 15)),  # noqa: DTZ001  (as a workbook gives it)
        (date(2010, 9, 15), date(2010, 9, 15)),
        ("2021-08", None),
        ("2010", None),
        (2010.9, None),
    ],
)
def test_dates_as_people_type_them(since: Cell, day: date | None) -> None:
    row = sheet(line(since=since)).rows[0]
    assert row.teaching_since == day
    assert bool(row.findings) == (day is None)


@pytest.mark.parametrize(
    ("grid", "problem"),
    [
        ([["姓名", "手机号"], ["陈测试", "13900000001"]], "roster-without-header"),
        ([HEADER], "roster-empty"),
        ([HEADER, *[["x"]] * 10_001], "roster-too-long"),
        ([], "roster-without-header"),
    ],
)
def test_a_roster_that_can_not_be_used_says_why(grid: list[list[Cell]], problem: str) -> None:
    assert read_sheet(grid, WORDS, TODAY).problem == problem


CELLS = st.one_of(
    st.none(), st.booleans(), st.text(max_size=20), st.integers(), st.floats(), st.dates(), st.sampled_from(line(1))
)


@given(st.lists(st.lists(CELLS, max_size=9), max_size=6))
def test_nothing_that_stands_in_a_cell_stops_the_reading(lines: list[list[Cell]]) -> None:
    read = sheet(*lines)
    named = len(HEADER)
    filled = [
        n for n, cells in enumerate(lines, 2) if any(str(c if c is not None else "").strip() for c in cells[:named])
    ]
    assert [r.row for r in read.rows] == filled


def test_schools_are_found_by_code_or_by_a_name_that_is_one_only() -> None:
    header = [*HEADER[:4], "学校", *HEADER[5:]]
    rows = sheet(line(1, school="410183-s002"), line(2, school="示例乡中心小学"), line(3, school="荥阳示例中心"),
                 line(4, school=""), header=header).rows  # fmt: skip
    judged = judge(rows, [TOWN, TWIN], None)
    assert [j.person.unit_id if j.person else None for j in judged] == ["u-2", "u-1", None, None]
    assert [wrong(j.row) for j in judged[2:]] == [[("school", "school-unknown")], [("school", "school-missing")]]
    same_name = judge(rows[1:2], [TOWN, School("u-3", "x", TOWN.name, "/p/c/u-3/")], None)
    assert wrong(same_name[0].row) == [("school", "school-ambiguous")]


@pytest.mark.parametrize("typed", ["４１０１８３-S001", " 410183-s001 ", "示例乡 中心小学", "示例乡中心小学\u200b"])
def test_a_school_is_found_however_its_code_or_name_was_typed(typed: str) -> None:
    (judged,) = judge(sheet(line(1, school=typed)).rows, [TOWN, TWIN], None)
    assert judged.person
    assert judged.person.unit_id == "u-1"


@pytest.mark.parametrize(
    ("years", "day"), [("8年", date(2013, 7, 20)), ("８", date(2013, 7, 20)), ("8.5", None), ("61", None)]
)
def test_years_of_teaching_are_whole_and_may_be_called_years(years: Cell, day: date | None) -> None:
    (row,) = read_sheet([[*HEADER[:5], "教龄（年）"], [*line(1)[:5], years]], WORDS, TODAY).rows
    assert (row.teaching_since, bool(row.findings)) == (day, day is None)


def test_a_school_that_uploads_its_own_list_need_not_name_itself() -> None:
    rows = sheet(line(1, school="")).rows
    assert [j.person.unit_id for j in judge(rows, [TOWN], TOWN) if j.person] == ["u-1"]


def test_a_roster_does_not_take_people_from_another_bureau() -> None:
    judged = judge(sheet(line(1)).rows, [TOWN], None)[0]
    assert elsewhere(judged).person is None
    assert elsewhere(judged).row.findings[0].column == HEADER.index("身份证号")
    assert wrong(elsewhere(judged).row) == [("id_number", "person-elsewhere")]


@pytest.mark.rule("Q17")
def test_roles_stages_and_years_of_training_are_read_in_the_years_own_words() -> None:
    policy = load((Path(__file__).parents[3] / "deploy" / "policies" / "henan-2021.yaml").read_text("utf-8"))
    spoken = words_of(WORDS, policy, TEXTS)
    header: list[Cell] = [*HEADER, "岗位", "学段", "从事教师培训起始年月"]
    young = "青年骨干教师、校长和班主任"
    lines: list[list[Cell]] = [
        [*line(1), "首席专家、优秀教研员", "小学", "2015-09"],
        [*line(2), young, "senior secondary school，primary", ""],
        [*line(3), "园丁", "大学", "2031-01"],
        [*line(4), "", "", ""],
    ]
    read = read_sheet([header, *lines], spoken, TODAY).rows
    assert [(r.roles, r.stages, r.trainer_since) for r in read] == [
        (["chief_expert", "researcher"], ["primary"], date(2015, 9, 1)),
        (["young_backbone"], ["senior_secondary", "primary"], None),
        ([], [], None),
        ([], [], None),
    ]
    assert wrong(read[2]) == [
        ("role", "role-not-of-year"),
        ("stage", "stage-not-of-year"),
        ("trainer_since", "trainer-since-invalid"),
    ]
    assert not wrong(read[3])


FOOTERS: list[list[Cell]] = [
    ["合计", "", "", "", "", "", ""],
    ["合 计：", "12人", "", "", "", "", ""],
    ["总计12人"],
    ["", "合计", 2.0, "", "", "", ""],
    ["填表人：王样例", "", "联系电话：13900000009", "", "", "", ""],
    ["填表人（签字）:", "王样例", "13900000009", "审核人：李样例", "", "", ""],
    ["审核人：李样例　联系电话：13900000009"] * 7,
    ["说明：1. 身份证号须为18位。"],
    ["Total", "", "", "", "", "", ""],
    ["Checked by: Li", "", "", "", "", "", ""],
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_line_of_the_form_below_the_people_is_no_row(footer: list[Cell]) -> None:
    read = sheet(line(1), line(2), footer, ["填表人："])
    assert [(r.row, r.findings) for r in read.rows] == [(2, []), (3, [])]
    assert sheet(footer).problem == "roster-empty"


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        (line(1, name="合计"), []),
        (line(1, name="合计", id=""), ["id-missing"]),
        (line(1, name="合计", id="4.1E+17", phone=""), ["id-as-number", "phone-invalid"]),
        (line(1, name="总小雨", id="", phone=""), ["id-missing", "phone-invalid"]),
        (line(1, name="审核人", id="", phone=""), ["id-missing", "phone-invalid"]),
        (line(1, name="填表人：王样例"), []),
        (line(1, name="", id="", phone=""), ["name-missing", "id-missing", "phone-invalid"]),
    ],
)
def test_whoever_could_be_a_person_stays_a_row_whatever_the_name_begins_with(
    typed: list[Cell], codes: list[str]
) -> None:
    (row,) = sheet(typed).rows
    assert sorted(code for _, code in wrong(row)) == sorted(codes)


def test_a_sum_in_the_column_of_numbers_beside_a_name_stays_a_row() -> None:
    header: list[Cell] = ["序号", *HEADER]
    read = sheet(["合计", *line(1, id="", phone="")], ["合计", "2人", *[""] * 6], header=header)
    assert [row.row for row in read.rows] == [2]


BEGINNINGS = st.sampled_from(["合计", "总计：", "填表人：", "说明:", "备注（必填）：", "Total", "Note: "])


@given(st.lists(st.builds(str.__add__, BEGINNINGS, st.text(max_size=6)), min_size=7, max_size=7))
def test_nobody_with_an_id_number_is_lost_whatever_else_stands_in_the_row(typed: list[str]) -> None:
    (row,) = sheet([*typed[:1], number(1), *typed[2:]]).rows
    assert (row.row, row.number) == (2, number(1))
