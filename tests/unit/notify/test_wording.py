import email
from datetime import date
from email.policy import default
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from msgspec.structs import replace

from services.notify.contacts.domain import Reach, Sandbox, Staff, address_of, masked
from services.notify.email.service import Composer, Invitation, Post
from services.notify.wording.domain import Gap, Klass, Scene, cut, parts
from services.notify.wording.service import Writer
from shared.events import Names
from shared.policy import load
from shared.policy.common import Duration
from shared.texts import Texts
from tests.unit.notify.given import at, policy

ROOT = Path(__file__).parents[3]
TEXTS = Texts.load(ROOT / "services" / "notify" / "texts.yaml")
WRITER = Writer(TEXTS)
TEMPLATES = sorted(k.removeprefix("sms.") for k in TEXTS if k.startswith("sms.") and "-" in k)
ID_NUMBER = "41018319850301123X"
KLASS = Klass("c", "henan-2021", "rural", "乡村骨干07班", "Rural class 07", "示例师大东校区", date(2021, 8, 26), date(2021, 9, 9),
              at(8, 26, 8), at(8, 26, 18), "i", "institution", "示例师大东校区")  # fmt: skip
GAPS = [
    Gap(Names("示例乡中心小学", "Example school"), "rural", 30, 20),
    Gap(Names("样本镇中学", "Sample school"), "rural", 15, 6),
]
RANGES: list[dict[str, Any]] = [
    {"plan_levels": ["province"], "forms": ["in_person"], "starts_on": "2021-09-28", "ends_before": "2024-09-29"}
]


def scene(template: str, **changes: Any) -> Scene:
    kind = template.rpartition("-")[2]
    plain = Scene(
        now=at(8, 19), policy=policy(), template=template, announced=date(2021, 8, 26), previous=date(2021, 8, 23),
        reach=Reach("陈测试" if kind == "person" else "联系人"), unit=Names("新密市教体局", "Xinmi bureau"), root=Names("河南省", "Henan"), phone="0371-00000110",
        project="rural", klass=KLASS, document="checkin-notice", received=at(8, 12, 10, 21), unit_in=Names("示例师范大学", "EU"),
        quota=45, selected=26, cause="no_show", ranges=RANGES, persons=("陈测试", "孙示例"), count=2,
        staff=(Staff("subject_class_teacher", "郑样本", "0371-00000101"),), owner=Names("示例师范大学", "Example university"),
        papers=[("self-evaluation", 1), ("action-research", 1)], gaps=GAPS)  # fmt: skip
    return replace(plain, **changes)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_sms_is_one_part_with_its_signature(template: str) -> None:
    sms = WRITER.sms(scene(template))
    assert sms.text.startswith("【河南省教师培训】")
    assert (sms.parts, len(sms.text) <= 70) == (1, True), f"{len(sms.text)}: {sms.text}"
    assert set(sms.variables)
    assert all(v and v != "None" for v in sms.variables.values())


def test_a_message_whose_root_is_not_known_names_nobody() -> None:
    assert WRITER.sms(scene("opened-person", root=None)).signature == "教师培训"
    assert WRITER.letter(scene("opened-person", root=None)).sender == "教师培训"


@pytest.mark.parametrize("template", [t for t in TEMPLATES if not t.endswith("-staff")])
def test_each_mail_says_the_same_in_both_languages(template: str) -> None:
    letter = WRITER.letter(scene(template))
    assert [p.lang for p in letter.pages] == ["zh", "en"]
    text = Composer(TEXTS, "notice@example.invalid").text(letter)
    assert "None" not in text
    assert "{" not in text + letter.subject
    assert ID_NUMBER not in text
    assert letter.pages[0].facts or template in {"after-person", "after-unit"}


@pytest.mark.rule("A09", "D17")
def test_a_dated_mail_says_when_where_who_and_what_if_not() -> None:
    facts = dict(WRITER.letter(scene("opened-person")).pages[0].facts)
    assert facts["时间"] == "2021年8月26日 周四至9月9日 周四，共15天"
    assert facts["地点"] == "示例师大东校区"
    assert facts["班级联系人"] == "学科班主任郑样本 0371-00000101"
    page = WRITER.letter(scene("opened-person")).pages[0]
    assert (page.question, page.close) == ("不能参加？", "请在8月25日前致电0371-00000110，并告知学校。")


def test_a_province_reads_its_own_words_for_who_runs_a_class_why_it_moves_and_what_is_read_before() -> None:
    years = ROOT / "tests" / "support" / "years"
    klass = replace(KLASS, policy_key="yunling-2031", project="mountain-guides", cause="pass_closed")
    moved = scene("moved-person", policy=load((years / "yunling-2031.yaml").read_text("utf-8")), project="mountain-guides",
                  klass=klass, document=None, papers=[], staff=[Staff("warden", "宿样本", "0871-00000101")])  # fmt: skip
    zh, en = (dict(page.facts) for page in WRITER.letter(moved).pages)
    assert (zh["班级联系人"], en["Staff of the class"]) == ("宿管宿样本 0871-00000101", "Warden 宿样本 0871-00000101")
    assert (zh["原因"], en["Reason"]) == ("垭口封路", "The pass is closed")
    assert zh["食宿、携带"] == "见承训单位的《入校须知》；请带身份证件原件"
    assert en["Meals, lodging, what to bring"].startswith('See the institution\'s "Letter of arrival"; bring')
    nothing = replace(moved, policy=replace(moved.policy, documents=()))
    assert dict(WRITER.letter(nothing).pages[0].facts)["食宿、携带"] == "请带身份证件原件"


@pytest.mark.rule("D16")
def test_a_moved_date_never_stands_without_the_old_one() -> None:
    letter = WRITER.letter(scene("moved-person"))
    assert letter.subject == "【改期】报到改到8月26日：乡村骨干07班"
    assert (letter.pages[0].old, letter.pages[0].new) == ("8月23日 周一", "8月26日 周四 8–18时")
    assert "改到8月26日，原8月23日作废，地点不变" in WRITER.sms(scene("moved-person")).text
    elsewhere = replace(KLASS, old_address="旧校区")
    assert "地点改为示例师大东校区" in WRITER.sms(scene("moved-person", klass=elsewhere)).text


def test_where_the_day_stays_only_place_or_time_are_said_to_change() -> None:
    there = scene("rearranged-person", klass=replace(KLASS, old_address="旧校区"), previous=date(2021, 8, 26))
    letter = WRITER.letter(there)
    assert (letter.pages[0].old, letter.pages[0].new) == ("旧校区", "示例师大东校区")
    assert "8月26日不变，时间8–18时，地点改为示例师大东校区" in WRITER.sms(there).text
    assert "作废" not in Composer(TEXTS, "notice@example.invalid").text(letter)


@pytest.mark.parametrize(("opens", "closes", "said"), [
    (at(8, 26, 8), at(8, 26, 18), "8–18时"), (at(8, 26, 8, 30), at(8, 26, 17), "08:30–17:00"),
    (at(8, 26, 14), at(8, 27, 18), "14时起"), (at(8, 26, 8, 30), at(8, 27, 9, 30), "08:30起")])  # fmt: skip
def test_hours_are_told_to_the_minute_and_never_cross_the_day(opens: Any, closes: Any, said: str) -> None:
    text = WRITER.sms(
        scene("opened-person", klass=replace(KLASS, checkin_opens_at=opens, checkin_closes_at=closes))
    ).text
    assert f"定于8月26日{said}在" in text


def test_the_end_of_a_ban_is_told_with_its_year_and_a_unit_reads_of_its_teachers() -> None:
    decided = scene("confirmed-person", ranges=RANGES)
    assert "您至2024年9月28日不能参加" in WRITER.sms(decided).text
    own = [page.lead for page in WRITER.letter(decided).pages]
    assert (
        "不能参加省培集中培训。" in own[0],
        "take part in training of the Provincial plan (In person) until" in own[1],
    ) == (True, True)
    english = WRITER.letter(scene("confirmed-unit", ranges=RANGES)).pages[1]
    assert "because they did not check in to Rural class 07" in english.lead


def test_a_proposal_names_the_end_of_the_reply_window() -> None:
    text = WRITER.sms(scene("proposed-person", now=at(8, 27, 19), announced=None)).text
    assert "未到乡村骨干07班报到，拟禁训3年。9月11日前" in text


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        ({"years": 1}, "1年", "1 year"),
        ({"months": 18}, "18个月", "18 months"),
        ({"weeks": 6}, "6周", "6 weeks"),
        ({"calendar_days": 90}, "90天", "90 days"),
    ],
)
def test_a_ban_is_as_long_as_the_year_says_in_whatever_unit_it_counts(length: Any, zh: str, en: str) -> None:
    given = policy()
    assert given.ban
    other = replace(given, ban=replace(given.ban, length=Duration(**length)))
    proposed = scene("proposed-person", policy=other, now=at(8, 27, 19), announced=None)
    assert f"拟禁训{zh}。" in WRITER.sms(proposed).text
    assert zh in WRITER.letter(proposed).pages[0].lead
    assert en in WRITER.letter(proposed).pages[1].lead


@pytest.mark.rule("Q04")
def test_a_quota_reminder_shows_quota_selected_and_missing() -> None:
    assert "还差19人（26/45），8月26日截止遴选" in WRITER.sms(scene("quota-unit")).text


@pytest.mark.parametrize(("day", "said"), [(21, "还有2天"), (19, "今天到期"), (18, "逾期1天")])
def test_a_document_says_how_long_is_left(day: int, said: str) -> None:
    assert WRITER.letter(scene("document-unit", announced=date(2021, 8, day))).subject == f"【{said}】报到通知书"


@given(st.integers(0, 400))
def test_parts_are_counted_as_carriers_do(length: int) -> None:
    counted = parts("字" * length)
    assert counted == (1 if length <= 70 else -(-length // 67))
    assert (parts("字" * 70), parts("字" * 71), parts("字" * 134), parts("字" * 135)) == (1, 2, 2, 3)


@given(st.text(max_size=40))
def test_a_variable_never_exceeds_its_registered_length(value: str) -> None:
    assert len(cut("klass", value)) <= 8
    assert cut("phone", value) == value


@pytest.mark.rule("A13")
def test_the_sandbox_lets_only_named_receivers_through() -> None:
    sandbox = Sandbox(production=False, domains=("example.invalid",), phones=("1390000",))
    reach = Reach("甲", "someone@henan.example", "13800000000")
    assert address_of(reach, "email", sandbox) == (None, "sandbox")
    assert address_of(reach, "sms", sandbox) == (None, "sandbox")
    assert address_of(reach, "sms", replace(sandbox, production=True)) == ("13800000000", None)
    assert address_of(Reach("甲", phone="0371-6555"), "sms", sandbox) == (None, "no_mobile_number")
    assert address_of(Reach("甲", phone="13900000001"), "email", sandbox) == (None, "no_address")
    assert address_of(None, "sms", sandbox) == (None, "no_contact")


def test_addresses_are_kept_masked() -> None:
    assert (masked("13900000012"), masked("teacher@example.invalid")) == ("139****0012", "te***@example.invalid")


def mail(template: str, sequence: int) -> Any:
    composer = Composer(TEXTS, "notice@example.invalid")
    letter = WRITER.letter(scene(template))
    invitation = Invitation(KLASS, "t0", sequence, template.startswith("cancelled"), "报到")
    post = Post("m.1", "m", "t0@example.invalid", letter, at(8, 19), invitation)
    return email.message_from_bytes(composer.mail(post, composer.text(letter)), policy=default)


@pytest.mark.parametrize("address", ["t0@example.invalid\r\nBcc: x@example.invalid", "t0@example.invalid\nBcc: x"])
def test_an_address_with_a_line_break_makes_no_mail(address: str) -> None:
    composer, letter = Composer(TEXTS, "notice@example.invalid"), WRITER.letter(scene("opened-person"))
    with pytest.raises(ValueError, match="To holds a line break"):
        composer.mail(Post("m.1", "m", address, letter, at(8, 19)), "text")


def test_a_long_subject_is_folded() -> None:
    composer, letter = Composer(TEXTS, "notice@example.invalid"), WRITER.letter(scene("opened-person"))
    long = msgspec.structs.replace(letter, subject="报到" * 60)
    raw = composer.mail(Post("m.1", "m", "t0@example.invalid", long, at(8, 19)), "text")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert email.message_from_bytes(raw, policy=default)["Subject"] == "报到" * 60


def test_a_mail_has_text_html_and_an_invitation_twice() -> None:
    message = mail("opened-person", 1)
    kinds = [p.get_content_type() for p in message.walk() if not p.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "text/calendar"]
    assert message["Message-ID"] == mail("opened-person", 1)["Message-ID"] == "<m.1@example.invalid>"
    html = message.get_body(("html",)).get_content()
    assert "<style" not in html
    assert 'style="' in html


@pytest.mark.parametrize(("template", "sequence", "method", "status"), [
    ("opened-person", 1, "REQUEST", "CONFIRMED"), ("moved-person", 2, "REQUEST", "CONFIRMED"),
    ("cancelled-person", 3, "CANCEL", "CANCELLED")])  # fmt: skip
def test_the_calendar_entry_is_one_per_person_and_class(template: str, sequence: int, method: str, status: str) -> None:
    part = next(p for p in mail(template, sequence).walk() if p.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == (method, status, sequence)
    assert event["UID"] == "c.t0@example.invalid"
    assert event.decoded("DTSTART") == date(2021, 8, 26)
    assert part.get_param("method") == method


def test_a_mail_to_a_unit_with_nobody_else_to_call_names_no_phone() -> None:
    letter = WRITER.letter(scene("document-unit", phone=None))
    assert [(p.question, p.close) for p in letter.pages] == [("", "")] * 2
    assert "致电" not in Composer(TEXTS, "notice@example.invalid").text(letter)
