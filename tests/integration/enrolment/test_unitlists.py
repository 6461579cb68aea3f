"""Lists of units on a real PostgreSQL: a preview changes nothing, a confirmation does exactly what was shown."""

import asyncio
import io
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from services.enrolment.rosters import service as rosters
from services.enrolment.unitlists import service
from services.enrolment.unitlists.service import Upload
from services.enrolment.unitlists.store import UnitList, listed
from services.enrolment.units import service as units
from services.enrolment.workbooks import service as workbooks
from shared.problems import Problem
from shared.units import units_by_code
from tests.integration.enrolment.ground import SCHOOL, TEXTS, Ground, at, context

HEAD = ("单位代码", "单位名称", "类别", "上级代码")
NEW = ("410183-s100", "样例乡小学", "乡镇学校", "410183")
Row = tuple[str, str, str, str]


def csv(*rows: Row, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in (HEAD, *rows)).encode(encoding)


def xlsx(*rows: Row) -> bytes:
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate((HEAD, *rows)):
        sheet.write_row(number, 0, [int(c) if c.isdigit() else c for c in row])
    book.close()
    return packed.getvalue()


async def upload(
    ground: Ground,
    content: bytes,
    *,
    who: tuple[str, str] = ("city", "410100"),
    unit: str = "410100",
    whole: bool = False,
) -> UnitList:
    grid, found = await rosters.grid(content)
    new = Upload(unit=unit, file_name="单位表.csv", listing=service.listing(grid, found, TEXTS), whole=whole)
    async with ground.db.write() as con:
        return await service.upload(con, context(), ground.as_(*who), new, TEXTS)


async def confirm(ground: Ground, kept: UnitList, who: tuple[str, str] = ("city", "410100")) -> dict[str, Any]:
    async with ground.db.write() as con:
        return await service.confirm(con, context(), ground.as_(*who), kept.list_id, TEXTS)


async def refused(work: Any) -> Problem:
    with pytest.raises(Problem) as problem:
        await work
    return problem.value


async def record(ground: Ground, code: str) -> Any:
    async with ground.db.system() as con:
        return await con.fetchrow("select * from unit where code = $1", code)


async def tree_of(ground: Ground) -> Any:
    async with ground.db.system() as con:
        return await con.fetch("select * from unit order by unit_id")


@pytest.mark.parametrize("content", [csv(NEW), csv(NEW, encoding="gb18030"), csv(NEW, encoding="utf-8"), xlsx(NEW)])
async def test_a_list_is_read_in_every_form_that_bureaus_send(ground: Ground, content: bytes) -> None:
    kept = await upload(ground, content)
    (change,) = kept.preview.changes
    assert (change.what, change.code, change.name, change.school_kind) == (
        "added",
        "410183-s100",
        "样例乡小学",
        "township",
    )
    assert change.superior == "410183"


@pytest.mark.rule("A05", "P08")
async def test_a_preview_changes_nothing_and_its_confirmation_exactly_what_it_shows(ground: Ground) -> None:
    before, told = await tree_of(ground), await ground.events("training.unit.v1")
    rows = [("410175", "样例开发区", "开发区", "410100"), ("410175-s1", "样例校", "城区学校", "410175"), ("410183", "新密新区", "区县（市）", "410100")]  # fmt: skip
    kept = await upload(ground, csv(*rows))
    assert (await tree_of(ground), await ground.events("training.unit.v1")) == (before, told)
    done = await confirm(ground, kept)
    assert done == {"list_id": kept.list_id, "added": 2, "renamed": 1, "moved": 0, "resumed": 0, "ended": 0}
    events = (await ground.events("training.unit.v1"))[len(told) :]
    assert [(e["code"], e["ce_streamversion"]) for e in events] == [
        ("410175", "1"),
        ("410175-s1", "1"),
        ("410183", "2"),
    ]
    school = await record(ground, "410175-s1")
    zone = await record(ground, "410175")
    assert school["path"] == f"{ground.units['410100'].path}{zone['unit_id']}/{school['unit_id']}/"
    assert (school["level"], school["rural"], (await record(ground, "410183"))["name_zh"]) == (
        "school",
        False,
        "新密新区",
    )
    again = await refused(confirm(ground, kept))
    assert (again.status, again.code) == (409, "list-confirmed")


async def test_where_the_tree_changed_since_nothing_is_done_and_told_is_what(ground: Ground) -> None:
    first = await upload(ground, csv(NEW, ("410183-s101", "样例二校", "学校", "410183")))
    await confirm(ground, await upload(ground, csv((NEW[0], "先到的名字", *NEW[2:]))))
    before = await tree_of(ground)
    problem = await refused(confirm(ground, first))
    assert (problem.status, problem.code, problem.details["count"]) == (409, "list-outdated", 1)
    assert problem.errors[0]["zh"].startswith("410183-s100 样例乡小学：预览时是“新增”，现在是“改名称或类别”。")
    assert await tree_of(ground) == before


async def test_of_two_confirmations_at_once_one_holds(ground: Ground) -> None:
    lists = [await upload(ground, csv(NEW)) for _ in range(4)]
    answers = await asyncio.gather(*[confirm(ground, kept) for kept in lists], return_exceptions=True)
    assert sum(isinstance(a, dict) for a in answers) == 1
    assert {a.code for a in answers if isinstance(a, Problem)} == {"list-outdated"}
    assert await ground.count("unit where code = $1", NEW[0]) == 1


@pytest.mark.rule("P08")
async def test_a_whole_list_ends_what_is_missing_and_a_later_one_takes_it_back(ground: Ground) -> None:
    await ground.people(2, "410183-s002")
    own = ("city", "410100")
    kept = await upload(
        ground, csv((SCHOOL, "示例乡中心小学", "乡镇学校", "410183")), unit="410183", who=own, whole=True
    )
    (change,) = kept.preview.changes
    assert (change.what, change.code, change.people) == ("ended", "410183-s002", 2)
    await confirm(ground, kept)
    ended = await record(ground, "410183-s002")
    assert (ended["valid_until"], ended["path"]) == (at(7, 20).date(), ground.units["410183-s002"].path)
    await confirm(ground, await upload(ground, csv(("410183-s002", "示例镇初级中学", "学校", "410183"))))
    back = await record(ground, "410183-s002")
    assert (back["unit_id"], back["valid_until"], back["version"]) == (ended["unit_id"], None, 3)


async def test_a_bare_unit_moves_with_its_contact_and_one_in_use_does_not(ground: Ground) -> None:
    row = ("410183-s002", "示例镇初级中学", "乡镇学校", "410182")
    await ground.quota(2)
    await confirm(ground, await upload(ground, csv(row)))
    moved = await record(ground, "410183-s002")
    assert moved["path"].startswith(ground.units["410182"].path)
    assert await ground.count("unit_contact where unit_path = $1", moved["path"]) == 1
    used = await upload(ground, csv((SCHOOL, "示例乡中心小学", "乡镇学校", "410182")))
    assert [(f.problem, f.vars["places"]) for f in used.preview.faults] == [("unit-in-use", 2)]


async def test_a_bureau_imports_inside_its_own_subtree_alone(ground: Ground) -> None:
    other = ("city", "410200")
    assert (await refused(upload(ground, csv(NEW), who=other))).code == "out-of-scope"
    kept = await upload(ground, csv(NEW, ("410223", "样例县", "区县（市）", "410200")), who=other, unit="410200")
    assert [(f.row, f.problem) for f in kept.preview.faults] == [(2, "unit-superior-elsewhere")]
    mine = await upload(ground, csv(NEW))
    assert (await refused(confirm(ground, mine, other))).code == "out-of-scope"
    async with ground.db.read(ground.as_(*other)) as con:
        assert [r["list_id"] for r in (await listed(con, 1, 50))[1]] == [kept.list_id]
    taken = await upload(ground, csv((SCHOOL, "名", "学校", "410200")), who=other, unit="410200")
    assert [f.problem for f in taken.preview.faults] == ["unit-elsewhere"]


async def test_the_province_imports_for_any_bureau(ground: Ground) -> None:
    kept = await upload(ground, csv(NEW), who=("province", "410000"), unit="410000")
    assert (await confirm(ground, kept, ("province", "410000")))["added"] == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "list-without-header"), (b"\xff\xfe\x00\xd8", "list-unreadable"), (b"PK\x03\x04broken", "list-unreadable"), (csv(), "list-empty")],
)  # fmt: skip
async def test_bad_input_is_told_and_nothing_is_kept(ground: Ground, content: bytes, code: str) -> None:
    problem = await refused(upload(ground, content))
    assert (problem.status, problem.code) == (422, code)
    assert await ground.count("unit_list") == 0


async def test_the_template_takes_codes_as_text_and_is_understood() -> None:
    titles = [TEXTS.get("zh", f"unitlists.columns.{c}").split("|")[0] for c in ("code", "name", "kind", "superior")]
    book = openpyxl.load_workbook(io.BytesIO(workbooks.template(titles, {0, 1, 2, 3}, "单位表")))
    sheet: Any = book.worksheets[0]
    assert sheet.column_dimensions["A"].number_format == "@" or sheet["A1"].number_format == "@"
    sheet.append(list(NEW))
    packed = io.BytesIO()
    book.save(packed)
    grid, found = await rosters.grid(packed.getvalue())
    assert service.listing(grid, found, TEXTS).lines[0].code == NEW[0]


async def test_contacts_are_named_by_the_unit_or_its_superior(ground: Ground) -> None:
    ask = units.ContactAsk(unit=SCHOOL, name="示例人", phone="0371-00000110")
    for who in (("school", SCHOOL), ("county", "410183"), ("province", "410000")):
        async with ground.db.write() as con:
            assert await units.set_contacts(con, context(), ground.as_(*who), [ask]) == {"units": 1}
    async with ground.db.write() as con:
        assert (
            await refused(units.set_contacts(con, context(), ground.as_("school", "410183-s002"), [ask]))
        ).code == "out-of-scope"
        assert len(await units_by_code(con, [SCHOOL])) == 1
