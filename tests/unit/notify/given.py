"""A class of the synthetic year, its places and units, and a ledger that holds what the planner wants."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from services.notify.facts.domain import CellFact, ClassFact, DateFact, DocumentFact, PlaceFact, Programme, UnitFact
from services.notify.planning.domain import Case, Existing, Row, class_case, desired, diff
from shared.policy import Policy, load

ZONE = ZoneInfo("Asia/Shanghai")
POLICIES = Path(__file__).parents[3] / "deploy" / "policies"
SCHOOL = "/h/z/x/s/"
UNITS = {
    key: UnitFact(key, code, kind, level, path, zh, en)
    for key, code, kind, level, path, zh, en in [
        ("h", "410000", "province", "province", "/h/", "河南省", "Henan"),
        ("z", "410100", "city", "city", "/h/z/", "郑州市", "Zhengzhou"),
        ("x", "410183", "county", "county", "/h/z/x/", "新密市", "Xinmi"),
        ("s", "410183-s001", "school", "school", SCHOOL, "示例乡中心小学", "Example school"),
        ("i", "inst-001", "institution", None, "/h/i/", "示例师范大学", "Example university"),
    ]
}
START, MOVED = date(2021, 8, 23), date(2021, 8, 26)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2021, month, day, hour, minute, tzinfo=ZONE)


@cache
def policy(key: str = "henan-2021") -> Policy:
    return load((POLICIES / f"{key}.yaml").read_text("utf-8"))


def programme(**changes: Any) -> Programme:
    return replace(Programme("year", "henan-2021", "h", "/h/", at(7, 16, 8), policy()), **changes)


def place(number: int = 0, **changes: Any) -> PlaceFact:
    plain = PlaceFact(f"p{number}", f"t{number}", "year", "rural", "rural-teacher", "s", SCHOOL, "c", "i", "/h/i/",
                      at(7, 20), at(8, 2), None, None, None, None, None)  # fmt: skip
    return replace(plain, **changes)


def klass(**changes: Any) -> ClassFact:
    plain = ClassFact("c", "year", "rural", "rural-teacher", "i", "/h/i/", START, date(2021, 9, 6), 1, at(8, 2), at(8, 6), 1,
                      None, None, None)  # fmt: skip
    return replace(plain, **changes)


def moved(**changes: Any) -> ClassFact:
    fresh = {"starts_on": MOVED, "ends_on": date(2021, 9, 9), "date_version": 2, "rescheduled_at": at(8, 17, 10)}
    return klass(**{**fresh, **changes})


def dates(*starts: date) -> list[DateFact]:
    return [DateFact("c", n, day, day, "addr") for n, day in enumerate(starts or (START, MOVED), start=1)]


def document(key: str, when: datetime) -> DocumentFact:
    return DocumentFact(f"d-{key}", key, "year", "c", "i", "/h/i/", when)


def cell(places: int = 20, selected: int = 0, since: datetime | None = None) -> CellFact:
    return CellFact("q", "year", "rural", "rural-teacher", "s", SCHOOL, places, since or at(7, 17), selected)


def case_of(
    cls: ClassFact, places: Sequence[PlaceFact], *rows: Existing, handed_in: Sequence[DocumentFact] = ()
) -> Case:
    known = dates()[: cls.date_version]
    return class_case(cls, known, places, handed_in, UNITS, programme(), rows)


def wanted(case: Case, kind: str | None = None, channel: str = "email") -> list[Row]:
    rows = [r for r in desired(case, policy()) if r.key.channel == channel and kind in {None, r.key.kind}]
    return sorted(rows, key=lambda r: r.due_at)


class Ledger:
    """The ledger's rows of one subject, kept by the planner's own changes."""

    def __init__(self) -> None:
        self.rows: dict[str, Existing] = {}

    def plan(self, case: Case, now: datetime, of: Policy | None = None) -> int:
        changes = diff(case, desired(case, of or policy()), list(self.rows.values()), now)
        for change in changes:
            if change.row is not None and change.act != "close":
                self.rows[change.message_id] = existing(change.row, change.state)
            else:
                self.rows[change.message_id] = replace(self.rows[change.message_id], state=change.state)
        return len(changes)

    def send(self, until: datetime, state: str = "accepted") -> None:
        due = [r for r in self.rows.values() if r.state == "planned" and r.due_at <= until]
        self.rows.update({r.message_id: replace(r, state=state) for r in due})

    def states(self, kind: str) -> list[tuple[int, str]]:
        return sorted((r.version, r.state) for r in self.rows.values() if r.kind == kind)


def existing(row: Row, state: str) -> Existing:
    key = row.key
    return Existing(key.message_id, key.subject_kind, key.subject_id, key.recipient_kind, key.recipient_id, key.kind,
                    key.version, row.template, row.announced, row.previous, row.due_at, row.latest_useful, row.gather,
                    state)  # fmt: skip
