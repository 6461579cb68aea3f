"""The planner converges: the same facts lead to the same ledger, whatever came first and however often it is asked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.notify.facts.domain import ClassFact, DateFact, PlaceFact
from services.notify.planning import domain as planning
from services.notify.planning.domain import Case, Existing, cell_case, class_case
from tests.unit.notify.given import UNITS, Ledger, at, cell, klass, place, programme
from tests.unit.notify.stories import KINDS, merged

EARLY, FIRST = at(7, 1), at(8, 3)
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


def streams_of(kind: str) -> st.SearchStrategy[dict[str, Sequence[Change]]]:
    """Each stream's facts so far: one of its ways, up to some step."""
    cut = {name: st.sampled_from([way[:n] for way in ways for n in range(len(way) + 1)])
           for name, ways in KINDS[kind].streams.items()}  # fmt: skip
    return st.fixed_dictionaries(cut)


def orders(stories: Mapping[str, Sequence[Change]]) -> st.SearchStrategy[Sequence[str]]:
    """The order in which the streams' facts come; each stream keeps its own."""
    return st.permutations([name for name, story in stories.items() for _ in story])


def grown(stories: Mapping[str, Sequence[Change]], order: Sequence[str]) -> Iterator[dict[str, Sequence[Change]]]:
    """What is known after each fact."""
    known: dict[str, Sequence[Change]] = dict.fromkeys(stories, ())
    for name in order:
        known = {**known, name: stories[name][: len(known[name]) + 1]}
        yield known


def replan(ledger: Ledger, kind: str, known: Mapping[str, Sequence[Change]]) -> int:
    case = KINDS[kind].case(known, list(ledger.rows.values()))
    return ledger.plan(case, EARLY) if case else 0


def test_there_is_a_story_for_every_kind_of_case() -> None:
    cases = {name.removesuffix("_case") for name in planning.__all__ if name.endswith("_case")}
    made = {case.kind for kind in KINDS.values() if (case := kind.case({n: w[0] for n, w in kind.streams.items()}, []))}
    assert made == cases == {kind.partition(" ")[0] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(st.data())
def test_every_kind_of_case_ends_in_the_same_plan_and_stays_there(kind: str, data: st.DataObject) -> None:
    stories = data.draw(streams_of(kind))
    at_once, ledger = Ledger(), Ledger()
    replan(at_once, kind, stories)
    for known in grown(stories, data.draw(orders(stories))):
        replan(ledger, kind, known)
        assert replan(ledger, kind, known) == 0, "the same facts once more change nothing"
    assert planned(ledger) == planned(at_once)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(st.data())
def test_the_plan_of_every_kind_stays_whatever_went_out_between(kind: str, data: st.DataObject) -> None:
    stories, ledger = data.draw(streams_of(kind)), Ledger()
    for known in grown(stories, data.draw(orders(stories))):
        replan(ledger, kind, known)
        ledger.send(EARLY + timedelta(days=data.draw(st.integers(0, 120))), data.draw(states))
        replan(ledger, kind, known)
        assert replan(ledger, kind, known) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_case_plans_something(kind: str) -> None:
    stories, most = KINDS[kind].streams, 0
    for known in grown({n: w[0] for n, w in stories.items()}, [n for n, w in stories.items() for _ in w[0]]):
        ledger = Ledger()
        replan(ledger, kind, known)
        most = max(most, len(planned(ledger)))
    assert most > 0
