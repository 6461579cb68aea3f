"""A notify database that has heard of many classes, each about to begin, and has planned what to tell. Synthetic."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from bench.events import parts
from deploy.local.paths import ROOT
from services.notify import subscribers
from services.notify.contacts.domain import Book, Reach, Staff
from services.notify.contacts.service import Contacts
from shared.db import Database
from shared.envelope import Envelope, Received
from shared.events import Event, Names
from shared.events import enrolment as e
from shared.policy import load

ZONE = ZoneInfo("Asia/Shanghai")
CLASSES, OF_CLASS = 75, 40
PEOPLE = CLASSES * OF_CLASS
SCHOOL, INSTITUTION = "/h/z/x/s/", "/h/i/"
TREE = (("h", "410000", "province", "/h/"), ("z", "410100", "city", "/h/z/"), ("x", "410183", "county", "/h/z/x/"),
        ("s", "410183-s001", "school", SCHOOL), ("i", "inst-001", "institution", INSTITUTION))  # fmt: skip
STARTS = date(2021, 8, 23)
DUE = "state = 'planned' and channel = 'sms' and kind = 'before-class' and occurrence = 'before-7d'"


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2021, month, day, hour, minute, tzinfo=ZONE)


NOW = at(8, 16, 9, 5)


class Known(Contacts):
    """Contacts at hand: enrolment's answer is not what is measured."""

    async def of(self, people: Any, units: Any, classes: Any) -> Book:
        return Book(
            people={p: Reach("T", f"{p}@example.invalid", f"1390000{int(p[1:]):04d}") for p in people},
            units={u: Reach("U", f"{u}@example.invalid", "13900099001", Names(u, u)) for u in units},
            staff={c: [Staff("S", "S", "13900088001")] for c in classes},
        )


def _year() -> Iterator[Event]:
    for unit, code, kind, path in TREE:
        parent = path.split("/")[-3] or None
        yield e.UnitRegistered(unit_id=unit, code=code, kind=kind, level=None if unit == "i" else kind,
                               parent_id=parent, path=path, names=Names(code, code))  # fmt: skip
    policy = load((ROOT / "deploy" / "policies" / "henan-2021.yaml").read_text("utf-8"))
    yield e.ProgrammePublished(programme_id="p", key=policy.key, revision=policy.revision, year=policy.year,
                               issuer_unit_id="h", issuer_path="/h/", sha256=policy.sha256, policy=policy.to_dict(),
                               published_at=at(7, 16))  # fmt: skip


def _class(number: int) -> Iterator[Event]:
    key = f"c{number}"
    yield e.ClassScheduled(class_id=key, programme_id="p", policy_key="henan-2021", project="rural", cohort="rural-teacher",
                           plan_level="province", forms=["in_person"], institution_id="i", institution_path=INSTITUTION,
                           name=Names(key, key), period=1, theme="t", address="a", starts_on=STARTS,
                           ends_on=STARTS + timedelta(days=14), checkin_opens_at=at(8, 23, 8),
                           checkin_closes_at=at(8, 24, 18), date_version=1)  # fmt: skip
    for i in range(number * OF_CLASS, (number + 1) * OF_CLASS):
        yield e.TraineeSelected(place_id=f"p{i}", person_id=f"t{i}", programme_id="p", policy_key="henan-2021",
                                project="rural", cohort="rural-teacher", cohort_kind="trainee", plan_level="province",
                                forms=["in_person"], unit_id="s", unit_path=SCHOOL, selected_at=at(7, 20),
                                met_every_condition=True)  # fmt: skip
        yield e.TraineeAssigned(place_id=f"p{i}", person_id=f"t{i}", class_id=key, institution_id="i",
                                institution_path=INSTITUTION)  # fmt: skip
    yield e.ClassOpened(class_id=key, opened_at=at(8, 6), starts_on=STARTS, ends_on=STARTS + timedelta(days=14),
                        address="a", date_version=1)  # fmt: skip


class Story:
    """Numbers the events of each stream."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def received(self, event: Event) -> Received:
        version = self._versions[event.stream] = self._versions.get(event.stream, 0) + 1
        envelope = Envelope(id=f"{event.stream}/{version}", type=event.type, source="enrolment", time=at(8, 6),
                            stream=event.stream, streamversion=version, actor="bench", correlationid="5" * 32,
                            traceparent="00-" + "5" * 32 + "-" + "5" * 16 + "-01")  # fmt: skip
        return Received(envelope, event, event.topic, 0, version)


async def tell(db: Database) -> None:
    """Everything arrives, and is planned, as the service's consumer does it."""
    apply, story = subscribers.effect(cast("Any", None)), Story()
    batches = [list(_year()), *([x for n in some for x in _class(n)] for some in parts(range(CLASSES), 5))]
    for batch in batches:
        async with db.background() as con:
            await apply(con, [story.received(event) for event in batch])
