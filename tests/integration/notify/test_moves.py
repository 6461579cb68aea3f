"""A class that moves twice after one notice, and one that is cancelled: what each person reads, on real channels."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from msgspec.structs import replace

from tests.integration.notify.ground import Ground, assigned, at, cancelled, moved, selected

FIRST, SECOND, THIRD = date(2021, 8, 23), date(2021, 8, 26), date(2021, 8, 30)
WAS = re.compile(
    r"原\s*8月\d+日(?: 周.)?|原定8月\d+日|8月\d+日的\S+|Was\s.*|notice for .* is void|training of .* is cancelled"
)
INSTITUTION = (
    "i@example.invalid",
    "13900099001",
    "13900099002",
)  # and its staff: asked for documents, which have dates of their own
NEVER_TOLD = ("t5@example.invalid", "13900000005")


async def twice(laid: Ground, *, heard: bool) -> int:
    """Told of the 23rd; one more joins; to the 26th, to the 30th. ``heard``: the first move is sent before the second comes.

    Gives how many messages there were when the second move came.
    """
    await laid.tell(at(8, 10), selected(5))
    await laid.tell(at(8, 10, 10), assigned(5), moved(to=SECOND, when=at(8, 10, 10)))
    if heard:
        await laid.send(at(8, 10, 10))
    sent = len(await laid.received())
    await laid.tell(at(8, 12, 10), moved(to=THIRD, was=SECOND, version=3, when=at(8, 12, 10)))
    for day in (12, 13, 16, 19, 20, 22, 23, 25, 26, 27, 29):
        await laid.send(at(8, day, 10))
    return sent


def corrections(messages: Sequence[dict[str, Any]], to: str) -> list[dict[str, Any]]:
    return [m for m in messages if m["to"] == to and "改到" in (m["subject"] or m["text"])]


def dates(text: str) -> set[str]:
    """The dates of the class that a text gives as valid: what stands as 'was' is taken out."""
    rest = WAS.sub("", text)
    return {d for d in ("8月23日", "8月26日", "8月30日") if d in rest}


@pytest.mark.rule("D16", "D20", "C09")
async def test_who_was_told_gets_one_correction_for_each_move_told_to_them(class_of_five: Ground) -> None:
    before = len(await class_of_five.received())
    await twice(class_of_five, heard=True)
    fresh = (await class_of_five.received())[before:]
    for to in ("t0@example.invalid", "13900000004", "s@example.invalid", "x@example.invalid"):
        first, second = corrections(fresh, to)
        assert (dates(first["text"]), dates(second["text"])) == ({"8月26日"}, {"8月30日"}), to
        assert "8月23日" in first["text"]
        assert "8月26日" in second["text"]
        assert "8月23日" not in second["text"]


async def test_two_moves_before_anybody_was_told_of_the_first_are_one_correction(class_of_five: Ground) -> None:
    before = len(await class_of_five.received())
    await twice(class_of_five, heard=False)
    fresh = (await class_of_five.received())[before:]
    for to in ("t0@example.invalid", "13900000004", "s@example.invalid", "x@example.invalid"):
        (only,) = corrections(fresh, to)
        assert dates(only["text"]) == {"8月30日"}
        assert "8月23日" in only["text"]
        assert "8月26日" not in only["text"]


@pytest.mark.parametrize("heard", [True, False])
async def test_nobody_reads_a_date_that_is_void_but_as_was(class_of_five: Ground, heard: bool) -> None:
    before = len(await class_of_five.received())
    between = await twice(class_of_five, heard=heard)
    everything = await class_of_five.received()
    assert read(everything[before:between]) == ({"8月26日"} if heard else set())
    assert read(everything[between:]) == {"8月30日"}
    assert "planned" not in await class_of_five.states("subject_kind = 'class' and version < 3")


def read(messages: Sequence[dict[str, Any]]) -> set[str]:
    """The dates on which people and units are asked to check in."""
    return {
        d
        for m in messages
        if "报到" in (m["subject"] or m["text"]) and m["to"] not in INSTITUTION
        for d in dates(m["text"])
    }


async def test_who_was_told_nothing_yet_gets_one_notice(class_of_five: Ground) -> None:
    """Joined just before the moves: on each channel one notice with the date that stands, and no correction."""
    await twice(class_of_five, heard=False)
    for to in NEVER_TOLD:
        own = [m for m in await class_of_five.received(to=to) if m["text"].find("入选") < 0]
        notices = [m for m in own if "开班" in (m["subject"] or "") or "定于" in m["text"]]
        assert len(notices) == 1, [m["text"] for m in own]
        assert not corrections(own, to)
        assert all(dates(m["text"]) == {"8月30日"} and "8月26日" not in m["text"] for m in own)


async def test_a_class_that_moves_back_before_anybody_was_told_is_no_news(class_of_five: Ground) -> None:
    """Moved and moved back between two sendings: who knows the date that stands is told nothing, and is reminded of it."""
    before = len(await class_of_five.received())
    away, home = moved(to=SECOND, when=at(8, 10, 10)), moved(to=FIRST, was=SECOND, version=3, when=at(8, 10, 11))
    kept = {"ends_on": date(2021, 9, 6), "checkin_opens_at": at(8, 23, 8), "checkin_closes_at": at(8, 23, 18)}
    await class_of_five.tell(at(8, 10, 10), away)
    await class_of_five.tell(at(8, 10, 11), replace(home, **kept))
    await class_of_five.send(at(8, 10, 12))
    assert [m for m in (await class_of_five.received())[before:] if m["to"] not in INSTITUTION] == []
    await class_of_five.send(at(8, 16, 9))
    fresh = [m for m in (await class_of_five.received(to="t0@example.invalid"))[1:] if "入选" not in m["subject"]]
    assert [m["subject"] for m in fresh][-1] == "【报到】8月23日：乡村骨干07班"
    assert await class_of_five.sweeper().sweep(at(8, 16, 9), date(2021, 8, 16)) == 0


async def test_only_the_hours_change_and_everybody_reads_that_the_day_stays(class_of_five: Ground) -> None:
    later = moved(to=FIRST, when=at(8, 10, 10))
    await class_of_five.tell(at(8, 10, 10), replace(later, ends_on=date(2021, 9, 6), checkin_opens_at=at(8, 23, 13, 30), checkin_closes_at=at(8, 23, 18)))  # fmt: skip
    await class_of_five.send(at(8, 10, 10))
    mail = (await class_of_five.received(to="t0@example.invalid"))[-1]
    assert mail["subject"] == "【变更】8月23日报到不变，时间或地点有变：乡村骨干07班"
    assert "作废" not in mail["text"]
    sms = (await class_of_five.received(to="13900000000"))[-1]
    assert "8月23日不变，时间13:30–18:00，地点不变" in sms["text"]


async def test_a_school_that_joins_after_a_move_reads_no_older_date(class_of_five: Ground) -> None:
    """Its first teacher comes with the new date: it gets the notice of the class, not a correction."""
    await class_of_five.tell(at(8, 10, 10), moved(to=SECOND, when=at(8, 10, 10)))
    await class_of_five.send(at(8, 10, 10))
    await class_of_five.tell(at(8, 11), replace(selected(6), unit_id="y", unit_path="/h/z/x/y/", selected_at=at(8, 11)))
    await class_of_five.tell(at(8, 11), assigned(6))
    await class_of_five.send(at(8, 11, 11))
    mails = [m for m in await class_of_five.received(to="y@example.invalid") if "入选" not in m["subject"]]
    assert [m["subject"][:4] for m in mails] == ["【开班】"]
    assert "8月23日" not in mails[0]["text"]


@pytest.mark.rule("C09")
async def test_a_cancelled_class_withdraws_everything_and_is_told_once(class_of_five: Ground) -> None:
    await class_of_five.tell(at(8, 10), selected(5))
    await class_of_five.tell(at(8, 17, 10), assigned(5))
    await class_of_five.tell(at(8, 17, 10), cancelled(at(8, 17, 10)))
    before = len(await class_of_five.received())
    for day in (17, 18, 19, 20, 22, 23, 24, 30):
        await class_of_five.send(at(8, day, 10))
    fresh = [m for m in (await class_of_five.received())[before:] if "入选" not in (m["subject"] or m["text"])]
    mails = [m for m in fresh if m["channel"] == "email"]
    assert {m["subject"][:4] for m in mails} == {"【取消】"}
    assert set(Counter((m["to"], m["text"]) for m in fresh).values()) == {1}
    assert not {m["to"] for m in fresh} & set(NEVER_TOLD)
    assert all("取消" in m["text"] and dates(m["text"]) == set() for m in fresh)
    assert "planned" not in await class_of_five.states("subject_kind = 'class' and channel <> 'call_list'")
    assert (await class_of_five.states("kind = 'before-class'"))["withdrawn"] > 0


async def test_the_calendar_entry_follows_the_moves_and_goes_with_the_class(class_of_five: Ground) -> None:
    """One UID; SEQUENCE rises; the newest replaces the older ones; METHOD:CANCEL at the end."""
    await twice(class_of_five, heard=True)
    await class_of_five.tell(at(8, 29, 12), cancelled(at(8, 29, 12), version=4))
    await class_of_five.send(at(8, 29, 12))
    mails = [m for m in await class_of_five.received(to="t0@example.invalid") if m["attachments"]]
    found = [entry(m) for m in sorted(mails, key=lambda m: m["n"])]
    assert {f["uid"] for f in found} == {"c.t0@example.invalid"}
    assert [(f["method"], f["sequence"], f["start"]) for f in found] == [
        ("REQUEST", 1, FIRST),
        ("REQUEST", 2, SECOND),
        ("REQUEST", 3, THIRD),
        ("CANCEL", 4, THIRD),
    ]
    assert [f["status"] for f in found] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert all(f["attendee"] == "mailto:t0@example.invalid" for f in found)
    assert not [m for m in await class_of_five.received(to="s@example.invalid") if m["attachments"]]


def entry(mail: dict[str, Any]) -> dict[str, Any]:
    texts = {a["text"] for a in mail["attachments"]}
    assert len(texts) == 1, "the alternative and the file say the same"
    calendar = Calendar.from_ical(texts.pop())
    event = calendar.walk("VEVENT")[0]
    return {"method": calendar["METHOD"], "sequence": event["SEQUENCE"], "uid": event["UID"], "status": event["STATUS"],
            "start": event.decoded("DTSTART"), "attendee": str(event["ATTENDEE"])}  # fmt: skip
