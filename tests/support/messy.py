"""Rosters as a province gets them: decorated, merged, typed by many hands. All people are synthetic."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill

from services.enrolment.people.domain import check_digit

TOWN, VILLAGE = "示例乡中心小学", "示例镇初级中学"
FULL_WIDTH: Final = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
HEADINGS: Final = ("序号", "*学校", "教师姓名", "身份证号码（必填）", "手机号码", "邮箱", "教龄（年）", "是否骨干教师")
MARKED: Final = "- {check: marked, mark: teaching_backbone, force: strict"
AGED: Final = "- {check: age_at_most, years: 45, force: in_principle, rules: [Q11]}\n          "
Line = Sequence[Any]


def with_age_limit(policy: str) -> str:
    """The year as if its rural cohort asked for at most 45 years in principle, as its cohorts of trainers do."""
    return policy.replace(MARKED, AGED + MARKED, 1)


def number(born: date, serial: int = 1) -> str:
    """A valid ID number of somebody born on a day; nobody's, the serial tells them apart."""
    body = f"410183{born:%Y%m%d}{serial:03d}"
    return body + check_digit(body)


def ending_in_x(born: date) -> str:
    """A valid number whose check character is X."""
    return next(n for serial in range(100, 1000) if (n := number(born, serial)).endswith("X"))


def wrong(valid: str) -> str:
    """The number with another check character."""
    return valid[:-1] + ("0" if valid[-1] != "0" else "1")


def line(name: str, id_number: Any, serial: int, school: str | None = TOWN, **changes: Any) -> list[Any]:
    """One teacher as the columns of ``HEADINGS`` stand, without the running number."""
    usual = {"phone": f"1390000{serial:04d}", "email": "", "years": 8, "backbone": "是"}
    return [school, name, id_number, *(usual | changes).values()]


def workbook(lines: Sequence[Line]) -> bytes:
    """A title over all columns, a line of remarks, a header of two merged rows, numbers down to an empty row, one school
    merged over its first three teachers, and a drop-down's list in a hidden first sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "2021年汇总"
    sheet.append(["2021年乡村教师素质提升培训参训教师名册（合成数据）"])
    sheet.append(["填报单位：（盖章）", "新密市", None, "填报日期：", "2021年7月20日"])
    sheet.append([*HEADINGS[:4], "联系方式", None, *HEADINGS[6:]])
    sheet.append([None] * 4 + list(HEADINGS[4:6]))
    for serial, cells in enumerate(lines, 1):
        sheet.append([serial, *cells])
    sheet.append([len(lines) + 1])
    for area in ("A1:H1", "E3:F3", "A3:A4", "B3:B4", "C3:C4", "D3:D4", "G3:G4", "H3:H4", "B5:B7"):
        sheet.merge_cells(area)
    sheet["A1"].font, sheet["A1"].alignment = Font(bold=True, size=16), Alignment(horizontal="center")
    sheet["C3"].fill = PatternFill("solid", fgColor="FFFFFF00")
    hidden = book.create_sheet("选项", 0)
    hidden.append(["是", "否"])
    hidden.sheet_state = "hidden"
    return packed(book)


def elsewhere() -> bytes:
    """A workbook whose first sheet explains, and whose second one is the roster."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["填表说明"])
    book.create_sheet("名册").append(["姓名", "身份证号", "手机号"])
    return packed(book)


def packed(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(lines: Sequence[Line], encoding: str, headings: Sequence[str] = HEADINGS) -> bytes:
    """The same roster as a CSV file under two lines of title."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["参训教师名册（合成数据）"], [], headings])
    writer.writerows([serial, *cells] for serial, cells in enumerate(lines, 1))
    return out.getvalue().encode(encoding)
