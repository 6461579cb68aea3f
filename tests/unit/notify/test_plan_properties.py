"""The planner converges: the same facts lead to the same ledger, whatever came first and however often it is asked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.notify.facts.domain import ClassFact, DateFact, PlaceFact
from services.notify.planning.domain import Case, Existing, cell_case, class_case
from tests.unit.notify.given import UNITS, Ledger, at, cell, klass, place, programme

FIRST = at(8, 3)
Change = dict[str, Any]


def class_story() -> list[Change]:
    """The class's own stream, in its order."""
    return [
        {"opened_at": at(8, 4), "opened_version": 1},
        {"starts_on": date(2021, 8, 26), "date_version": 2, "rescheduled_at": at(8, 5)},
        {"starts_on": date(2021, 9, 2), "date_version": 3, "rescheduled_at": at(8, 6)},
    ]


def place_story(number: int, ending: str | None) -> list[Change]:
    steps: list[Change] = [{"class_id": "c", "assigned_at": at(8, 3, 10 + number)}]
    return steps + ([{ending: at(8, 7)}] if ending else [])


def build(
    cls: Change, places: Sequence[Change], versions: Sequence[date], rows: Sequence[Existing], *, opened: bool = False
) -> Case:
    fresh: ClassFact = replace(klass(opened_at=None, opened_version=None), **cls)
    held: list[PlaceFact] = [replace(place(i, class_id=None, assigned_at=None), **p) for i, p in enumerate(places)]
    dates = [DateFact("c", n, day, day, "addr") for n, day in enumerate(versions, start=1)]
    return class_case(fresh, dates, [p for p in held if p.class_id], [], UNITS, programme(), rows)


endings = st.lists(st.sampled_from([None, "checked_in_at", "excused_at", "revoked_at"]), min_size=1, max_size=3)


@settings(deadline=None, max_examples=60)
@given(endings, st.integers(0, 3), st.randoms(use_true_random=False))
def test_any_order_between_streams_ends_in_the_same_plan(ends: list[str | None], steps: int, random: Any) -> None:
    stories: list[tuple[str, list[Change]]] = [("class", class_story()[:steps])]
    stories += [(str(i), place_story(i, e)) for i, e in enumerate(ends)]
    final_class, final_places = merged(stories[0][1]), [merged(s) for _, s in stories[1:]]
    versions = [date(2021, 8, 23), date(2021, 8, 26), date(2021, 9, 2)]

    at_once, ledger = Ledger(), Ledger()
    last = final_class.get("date_version", 1)
    at_once.plan(build(final_class, final_places, versions[:last], []), FIRST)

    seen: dict[str, Change] = {name: {} for name, _ in stories}
    order = [name for name, story in stories for _ in story]
    random.shuffle(order)
    waiting = {name: list(story) for name, story in stories}
    for name in order:
        seen[name] = {**seen[name], **waiting[name].pop(0)}
        known = versions[: seen["class"].get("date_version", 1)]
        case = build(seen["class"], [seen[n] for n, _ in stories[1:]], known, list(ledger.rows.values()))
        ledger.plan(case, FIRST)
        assert ledger.plan(case, FIRST) == 0
    assert planned(ledger) == planned(at_once)


def merged(story: Sequence[Change]) -> Change:
    return {k: v for step in story for k, v in step.items()}


def planned(ledger: Ledger) -> set[tuple[str, datetime]]:
    return {(r.message_id, r.due_at) for r in ledger.rows.values() if r.state == "planned"}


states = st.sampled_from(["accepted", "delivered", "failed", "in_doubt", "unreachable", "sending", "merged"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), states), max_size=4), st.integers(0, 3))
def test_the_plan_of_what_is_planned_changes_nothing(sent: list[tuple[int, str]], steps: int) -> None:
    """Also when messages went out, failed or are in doubt between two plans: the nightly sweep finds no drift."""
    ledger = Ledger()
    versions = [date(2021, 8, 23), date(2021, 8, 26), date(2021, 9, 2)]
    story = class_story()[:steps]
    known: Change = {}
    for index in range(len(story) + 1):
        case = build(
            known, [merged(place_story(0, None))], versions[: known.get("date_version", 1)], list(ledger.rows.values())
        )
        ledger.plan(case, FIRST)
        for days, state in sent[index : index + 1]:
            ledger.send(FIRST + timedelta(days=days), state)
        again = build(
            known, [merged(place_story(0, None))], versions[: known.get("date_version", 1)], list(ledger.rows.values())
        )
        assert ledger.plan(again, FIRST) == 0
        known = {**known, **(story[index] if index < len(story) else {})}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 20), st.lists(st.integers(0, 25), min_size=1, max_size=6), st.integers(0, 16 * 24))
def test_a_quota_reminder_follows_the_gap(places: int, selected: list[int], hours: int) -> None:
    ledger, since = Ledger(), at(7, 16) + timedelta(hours=hours)
    for count in selected:
        case = cell_case(cell(places, count, since), UNITS, programme())
        ledger.plan(case, at(7, 16))
        assert ledger.plan(case, at(7, 16)) == 0
    open_rows = [r for r in ledger.rows.values() if r.state == "planned"]
    assert not open_rows or selected[-1] < places
    now = [r for r in open_rows if r.due_at == since]
    assert len({(r.recipient_id, r.version) for r in now}) <= 2
