"""A roster as a province gets it, over HTTP and through its pages: judged, answered, corrected in the answer, sent again."""

import io
import re
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
import pytest_asyncio

from deploy.gateway.tokens import Signer
from shared.client import client
from tests.integration.enrolment.ground import COHORT, KEY, POLICIES
from tests.integration.enrolment.test_service import XLSX, Office
from tests.support import messy
from tests.support.stack import RunService
from tests.support.visitor import HTML

ELSEWHERE = """  - {code: "410182-s001", system: own, kind: school, reports_to: "410182", school_kind: township, rural: true, synthetic: true, names: {zh: 荥阳示例小学, en: Example School of Xingyang}}
"""
UNITS = (POLICIES / "units-henan.yaml").read_text("utf-8")
SCHOOL_LINE = re.search(r'  - \{code: "410183-s001".*\n', UNITS)
NUMBERS = [messy.number(date(1985, 3, day + 1)) for day in range(8)]
X = messy.ending_in_x(date(1986, 5, 1))
AGED = messy.number(date(1975, 3, 1))
MOVED = messy.number(date(1987, 6, 1))
REASON = "全乡唯一的音乐教师（合成）"
FIRST = 5  # the row of the first teacher in the workbook
Told = list[tuple[int, str, str, str]]
LINES = [
    messy.line("陈样例", NUMBERS[0], 1),
    messy.line("刘样例", X.lower(), 2, None),
    messy.line("孙样例", NUMBERS[1].translate(messy.FULL_WIDTH), 3, None, phone="１３９００００００03"),
    messy.line("何样例", int(NUMBERS[2][:17] + "0"), 4),
    messy.line("周样例", messy.wrong(NUMBERS[3]), 5),
    messy.line("吴样例", AGED, 6),
    messy.line("陈样例", NUMBERS[0], 7),
    messy.line("郑样例", NUMBERS[4], 8, "荥阳示例小学"),
    messy.line("王样例", MOVED, 9),
]


@pytest_asyncio.fixture
async def office(run_service: RunService) -> AsyncIterator[Office]:
    """The year with an age limit "in principle", and a school of another county."""
    stack = await run_service("enrolment")
    signer = Signer(stack.plan.keys.signing_key, stack.plan.keys.jwks, "shipei-local")
    assert SCHOOL_LINE
    units = UNITS.replace(SCHOOL_LINE[0], ELSEWHERE + SCHOOL_LINE[0])
    async with client(30, base_url=stack.urls["enrolment"]) as http:
        office = Office(stack, http, signer)
        await office.prepare(messy.with_age_limit((POLICIES / f"{KEY}.yaml").read_text("utf-8")), units)
        yield office


async def sent(office: Office, content: bytes, name: str = "名册.xlsx", who: str = "county") -> dict[str, Any]:
    answer = await office.upload(content, name=name, who=who)
    assert answer.status_code == 202, answer.text
    return await office.finished(answer.json()["job_id"], who=who)


def told(job: dict[str, Any]) -> Told:
    return [(f["row"], f["outcome"], f["column"], f["code"]) for f in job["findings"] if f["outcome"] != "already"]


def counts(job: dict[str, Any]) -> tuple[int, ...]:
    return tuple(job[name] for name in ("rows", "selected", "already", "refused", "errors"))


@pytest.mark.rule("Q03", "Q05", "Q11")
async def test_a_provinces_workbook_is_judged_answered_corrected_and_sent_again(office: Office) -> None:
    theirs = await sent(office, messy.workbook([messy.line("王样例", MOVED, 9, "荥阳示例小学")] * 3), who="neighbour")
    assert [code for *_, code in told(theirs)] == ["no-quota", "id-twice", "id-twice"]
    job = await sent(office, messy.workbook(LINES))
    assert counts(job) == (9, 3, 0, 1, 5)
    assert told(job) == [
        (8, "error", "id_number", "id-as-number"),
        (9, "error", "id_number", "id-checksum"),
        (10, "refused", "id_number", "condition-age-at-most"),
        (11, "error", "id_number", "id-twice"),
        (12, "error", "school", "school-unknown"),
        (13, "error", "id_number", "person-elsewhere"),
    ]
    assert not any(whole in str(job) for whole in (NUMBERS[2], NUMBERS[3], AGED, MOVED))
    answer = await annotated(office, job["job_id"])
    again = await sent(office, corrected(answer))
    assert counts(again) == (7, 3, 3, 1, 0)
    assert counts(await sent(office, corrected(answer))) == (7, 0, 6, 1, 0)
    await passed(office, again["job_id"])
    last = await sent(office, corrected(answer))
    assert counts(last) == (7, 0, 7, 0, 0)
    assert (await office.ok("county", "GET", f"/places?programme={KEY}"))["total"] == 7


async def annotated(office: Office, job_id: str) -> openpyxl.Workbook:
    """The sender's own workbook: title, merged cells and hidden sheet as they were, the faulty cells red, a column more."""
    answer = await office.call("county", "GET", f"/imports/{job_id}/annotated.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["2021年汇总"]
    assert {"A1:H1", "A3:A4", "B5:B7"} <= {str(area) for area in sheet.merged_cells.ranges}
    assert book["选项"].sheet_state == "hidden"
    assert sheet["I4"].value == "问题说明"
    red = [c.coordinate for row in sheet.iter_rows() for c in row if c.fill.fgColor.rgb == "FFFBE6E6"]
    assert red == ["D8", "D9", "D10", "D11", "B12", "D13"]
    notes = [str(sheet.cell(row, 9).value or "") for row in range(FIRST, FIRST + len(LINES))]
    assert [note[:9] for note in notes] == [
        "",
        "",
        "",
        "表格把号码变成了数",
        "最后一位校验码不对",
        "年龄46岁，超过4",
        "与第5行是同一个号",
        "该学校不在上传单位",
        "此人登记在上传单位",
    ]
    return book


def corrected(book: openpyxl.Workbook) -> bytes:
    """What an officer does with the answer: retype two numbers, name the right school, take out two rows."""
    sheet = book["2021年汇总"]
    sheet["D8"], sheet["D9"], sheet["B12"] = NUMBERS[2], NUMBERS[3], messy.TOWN
    for row in (11, 13):
        for column in range(2, 9):
            sheet.cell(row, column).value = None
    return messy.packed(book)


async def passed(office: Office, job_id: str) -> None:
    """The county is told whom to ask; the city writes the reason on the page; the page shows the override."""
    page = f"/imports/{job_id}/page"
    county = await office.call("county", "GET", page, headers=HTML)
    assert "1人只有原则性条件不符，可由市破格" in plain(county.text)
    assert 'name="reason-' not in county.text
    refused = await office.call(
        "county", "POST", page, data={"idempotency_key": "o1", "reason-10": REASON}, headers=HTML
    )
    assert refused.status_code == 403
    assert "破格由市决定" in plain(refused.text)
    form = await office.call("city", "GET", page, headers=HTML)
    assert "只有原则性条件不符的1人，可以破格" in plain(form.text)
    for key, reason, said in (("o2", "", "一条破格理由也没有写"), ("o3", "x", "第10行的理由不在2到500个字之间")):
        again = await office.call(
            "city", "POST", page, data={"idempotency_key": key, "reason-10": reason}, headers=HTML
        )
        assert again.status_code == 422
        assert said in plain(again.text)
    done = await office.call("city", "POST", page, data={"idempotency_key": "o4", "reason-10": REASON}, headers=HTML)
    assert (done.status_code, done.headers["location"]) == (303, f"/enrolment{page}?passed=1")
    shown = plain((await office.call("city", "GET", f"{page}?passed=1", headers=HTML)).text)
    assert "已破格选送1人" in shown
    assert "破格通过" in shown
    assert 'name="reason-' not in shown
    english = plain((await office.call("city", "GET", f"{page}?lang=en", headers=HTML)).text)
    assert "passed by override" in english


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", page.replace('<span class="nb">', "").replace("</span>", ""))


@pytest.mark.rule("Q11")
async def test_a_program_passes_the_condition_with_a_reason_too(office: Office) -> None:
    people = [messy.line("吴样例", AGED, 6), messy.line("冯样例", messy.number(date(1974, 1, 1)), 7, backbone="否")]
    job = await sent(office, messy.text(people, "utf-8"), "名册.csv")
    assert [(f["row"], f["code"]) for f in job["findings"]] == [
        (4, "condition-age-at-most"),
        (5, "condition-age-at-most"),
        (5, "condition-marked"),
    ]
    path = f"/imports/{job['job_id']}/overrides"
    for who, reason, status in (("county", REASON, 403), ("city", " x ", 422), ("school", REASON, 404)):
        assert (await office.call(who, "POST", path, json={"reasons": {"4": reason}})).status_code == status
    first, repeated = [
        await office.call("city", "POST", path, key="one", json={"reasons": {"4": REASON, "5": REASON}})
        for _ in range(2)
    ]
    answer = first.json()
    assert repeated.json() == answer
    assert [(r["row"], r["person_id"]) for r in answer["selected"]] == [(4, job["findings"][0]["person_id"])]
    assert [(r["row"], r["code"]) for r in answer["refused"]] == [(5, "condition-marked")]
    assert "不是教学骨干" in answer["refused"][0]["zh"]
    (place,) = (await office.ok("city", "GET", f"/places?programme={KEY}"))["places"]
    assert place["place_id"] == answer["selected"][0]["place_id"]


@pytest.mark.rule("Q03", "Q05")
async def test_the_same_people_as_csv_in_two_encodings_are_selected_once_and_answered_in_a_workbook(
    office: Office,
) -> None:
    lines: Sequence[Any] = [messy.line(line[1], line[2], n, messy.TOWN) for n, line in enumerate(LINES[:3], 1)]
    faulty = [*lines, messy.line("何样例", "4.10183E+17", 4), messy.line("周样例", f"'{NUMBERS[3]}", 5)]
    first = await sent(office, messy.text(faulty, "gb18030"), "名册.csv")
    assert counts(first) == (5, 4, 0, 0, 1)
    assert told(first) == [(7, "error", "id_number", "id-as-number")]
    answer = await office.call("county", "GET", f"/imports/{first['job_id']}/annotated.xlsx")
    assert "%E5%90%8D%E5%86%8C%EF%BC%88" in answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert (sheet["I3"].value, sheet["D7"].fill.fgColor.rgb) == ("问题说明", "FFFBE6E6")
    sheet["D7"] = NUMBERS[2]
    assert counts(await sent(office, messy.packed(book), "名册（批注）.xlsx")) == (5, 1, 4, 0, 0)
    assert counts(await sent(office, messy.text(lines, "utf-8-sig"), "名册.CSV")) == (3, 0, 3, 0, 0)


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500)
REFUSED = [
    ("名册.xls", b"x", "roster-wrong-kind", "另存为.xlsx"),
    ("名册.csv", b"", "roster-zero-bytes", "确认已保存"),
    ("名册.xlsx", COMPOUND + "EncryptedPackage".encode("utf-16-le"), "roster-locked", "去掉密码"),
    ("名册.xlsx", COMPOUND, "roster-old-workbook", "另存为.xlsx"),
    ("名册.xlsx", b"%PDF-1.4", "roster-not-workbook", "确认选对了文件"),
]
UNREADABLE = [
    ("名册.csv", b"a,b\n\xff\xfe", "roster-bad-bytes", "第2行有读不出的字", "Line 2 can't be read"),
    ("名册.csv", b'a,b\n"c', "roster-broken-csv", "引号没有配对", "quotation mark has no partner"),
    ("名册.xlsx", b"PK\x03\x04", "roster-unreadable", "另存为.xlsx", "save it as .xlsx"),
    ("名册.xlsx", messy.elsewhere(), "roster-on-another-sheet", "把“名册”移到最前面", 'Move "名册" to the front'),
    ("名册.csv", "姓名,身份证号\n".encode(), "roster-without-header", "手机号的表头", "Mobile phone"),
    ("名册.csv", "姓名,身份证号,手机号\n".encode(), "roster-empty", "第1行表头下面没有人", "nobody below the header in row 1"),
    ("名册.csv", ("姓名,身份证号,手机号\n" + "a,b,c\n" * 20_001).encode(), "roster-too-long", "分成3个或更多文件", "into 3 files"),
]  # fmt: skip


async def test_what_can_not_be_read_says_what_to_do_next_in_both_languages(office: Office) -> None:
    for name, content, code, zh in REFUSED:
        problem = (await office.upload(content, name=name)).json()
        assert (problem["status"], problem["code"]) == (422, code)
        assert zh in problem["zh"]["remedy"]
        assert problem["en"]["remedy"]
        form = {"cohort": f"{KEY}/{COHORT}", "idempotency_key": f"{code}-{name}"}
        page = await office.call("county", "POST", "/imports", data=form, files={"file": (name, content, XLSX)})
        assert page.status_code == 422
        assert zh in plain(page.text)
        assert 'accept=".xlsx,.csv"' in page.text
    for name, content, code, zh, en in UNREADABLE:
        job = await sent(office, content, name)
        assert (job["status"], job["problem"]["code"]) == ("failed", code)
        assert zh in job["problem"]["zh"]
        assert en in job["problem"]["en"]
        page = await office.call("county", "GET", f"/imports/{job['job_id']}/page", headers=HTML)
        assert zh in plain(page.text)
        assert 'enctype="multipart/form-data"' in page.text
    assert (await office.ok("county", "GET", f"/places?programme={KEY}"))["total"] == 0


async def test_the_form_says_which_files_it_takes(office: Office) -> None:
    page = plain((await office.call("county", "GET", "/imports", headers=HTML)).text)
    assert ".xlsx或.csv（UTF-8、GB18030、UTF-16），最多10,000行" in page
    english = plain((await office.call("county", "GET", "/imports?lang=en", headers=HTML)).text)
    assert ".xlsx or .csv (UTF-8, GB18030, UTF-16), at most 10,000 rows" in english
