"""The unit tree from a file."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.units.domain import KnownUnit, Mistake, decide_import
from shared.events.enrolment import UnitRegistered
from shared.policy import UnitsFile, load_units
from shared.policy.common import Text
from shared.policy.units import UnitEntry

FILE = load_units((Path(__file__).parents[3] / "deploy" / "policies" / "units-henan.yaml").read_text("utf-8"))
IDS = {u.code: f"id-{u.code}" for u in FILE.units}


def first() -> dict[str, UnitRegistered]:
    return {e.code: e for e in decide_import(FILE, {}, IDS) if isinstance(e, UnitRegistered)}


def known() -> dict[str, KnownUnit]:
    return {code: KnownUnit(event=event, version=1) for code, event in first().items()}


def changed(code: str, **changes: object) -> UnitsFile:
    units = tuple(msgspec.structs.replace(u, **changes) if u.code == code else u for u in FILE.units)
    return msgspec.structs.replace(FILE, units=units)


@pytest.mark.rule("A05")
def test_superiors_come_first_and_paths_follow_the_reporting_line() -> None:
    events = first()
    order = list(events)
    assert order.index("410000") < order.index("410100") < order.index("410183") < order.index("410183-s001")
    assert events["410183-s001"].path == "/id-410000/id-410100/id-410183/id-410183-s001/"
    assert events["410183-s001"].parent_id == "id-410183"
    assert (events["410183-s001"].level, events["410183-s001"].school_kind) == ("school", "township")
    assert events["inst-001"].path == "/id-410000/id-inst-001/"


@pytest.mark.rule("A04")
def test_direct_counties_report_to_the_province() -> None:
    assert first()["410181"].parent_id == "id-410000"


def test_what_is_on_record_and_unchanged_leads_to_nothing() -> None:
    assert decide_import(FILE, known(), {}) == []


def test_a_new_name_is_one_event_of_the_same_unit() -> None:
    (event,) = decide_import(changed("410183", names=Text(zh="新名", en="New name")), known(), {})
    assert isinstance(event, UnitRegistered)
    assert (event.unit_id, event.names.zh) == ("id-410183", "新名")


def test_a_reporting_line_never_changes() -> None:
    assert decide_import(changed("410183", reports_to="410000"), known(), {}) == [
        Mistake("superior-changed", "410183", "410000")
    ]


def test_unknown_superiors_and_circles_are_told() -> None:
    assert decide_import(changed("410183", reports_to="999999"), {}, IDS) == [
        Mistake("superior-unknown", "410183", "999999")
    ]
    circle = changed("410100", reports_to="410183")
    assert Mistake("superior-circle", "410183", "410100") in decide_import(circle, {}, IDS)


CODES = ["410000", "410100", "410183", "410183-s001"]
names = st.sampled_from(["Name", "Other name"]).map(lambda en: {"names": Text(zh="名", en=en)})
superiors = st.sampled_from([*CODES, "999999"]).map(lambda code: {"reports_to": code})
edits = st.tuples(st.sampled_from(CODES), names | superiors)


@pytest.mark.rule("A05")
@settings(max_examples=40)
@given(st.lists(edits, max_size=8))
def test_files_in_any_order_leave_every_unit_where_it_hangs(order: list[tuple[str, dict[str, object]]]) -> None:
    record, places = known(), {code: unit.event.path for code, unit in known().items()}
    for code, changes in order:
        file = changed(code, **changes)
        for event in decide_import(file, record, {}):
            if isinstance(event, UnitRegistered):
                record[event.code] = KnownUnit(event=event, version=record[event.code].version + 1)
        assert {c: k.event.path for c, k in record.items()} == places
        told = decide_import(file, record, {})
        assert not [e for e in told if isinstance(e, UnitRegistered)], "the same file again changes nothing"


@pytest.mark.rule("A05")
@settings(max_examples=20)
@given(st.permutations(FILE.units))
def test_the_order_of_the_lines_of_a_file_does_not_matter(lines: list[UnitEntry]) -> None:
    events = decide_import(msgspec.structs.replace(FILE, units=tuple(lines)), {}, IDS)
    placed = {e.code: e for e in events if isinstance(e, UnitRegistered)}
    assert placed == first()
    seen: set[str | None] = {None}
    for event in placed.values():
        assert event.parent_id in seen, "superiors first"
        seen.add(event.unit_id)
