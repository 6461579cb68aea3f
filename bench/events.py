"""Events as enrolment makes them: cohorts on their way from selection to completion. All of it is synthetic."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from shared.context import Context
from shared.db import Connection
from shared.events import enrolment as e
from shared.outbox import Entry, append

T = TypeVar("T")
STARTED = datetime(2021, 7, 20, 1, tzinfo=UTC)
STEPS = 4  # events of one place
OF_SCHOOL, OF_CLASS = 50, 40
CONTEXT = Context(
    now=STARTED,
    actor="bench",
    source="enrolment",
    correlation_id="5" * 32,
    traceparent="00-" + "5" * 32 + "-" + "5" * 16 + "-01",
    policy_version="henan-2021/1",
)


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[i : i + size] for i in range(0, len(items), size))


class Ids:
    """Random ids, the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  (reproducible, nothing secret)

    def __call__(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def shuffled(self, items: Iterable[T]) -> list[T]:
        mixed = list(items)
        self._random.shuffle(mixed)
        return mixed


class Cohort:
    """``count`` places in schools of 50 and classes of 40."""

    def __init__(self, count: int, seed: int = 1) -> None:
        self._ids = ids = Ids(seed)
        self._places = [(ids(), ids()) for _ in range(count)]
        self._units = [ids() for _ in range(count // OF_SCHOOL + 1)]
        self._classes = [ids() for _ in range(count // OF_CLASS + 1)]
        self._institution, self._programme = ids(), ids()
        self._path = "/" + "/".join(ids() for _ in range(3)) + "/"

    def events(self) -> list[Entry]:
        """Everybody is selected, then registers, gets a class and completes; within a step in any order."""
        steps = (self._selected, self._registered, self._assigned, self._completed)
        everybody = range(len(self._places))
        return [Entry(v, step(i)) for v, step in enumerate(steps, 1) for i in self._ids.shuffled(everybody)]

    def _selected(self, i: int) -> e.PlaceEvent:
        place, person = self._places[i]
        unit = self._units[i // OF_SCHOOL]
        return e.TraineeSelected(
            place_id=place,
            person_id=person,
            programme_id=self._programme,
            policy_key="henan-2021",
            project="rural",
            cohort="rural-teacher",
            cohort_kind="trainee",
            plan_level="province",
            forms=["in_person", "online"],
            unit_id=unit,
            unit_path=f"{self._path}{unit}/",
            selected_at=STARTED,
            met_every_condition=True,
        )

    def _registered(self, i: int) -> e.PlaceEvent:
        place, person = self._places[i]
        return e.TraineeRegistered(place_id=place, person_id=person, registered_at=STARTED + timedelta(seconds=i))

    def _assigned(self, i: int) -> e.PlaceEvent:
        place, person = self._places[i]
        where = f"{self._path.split('/')[1]}/{self._institution}/"
        return e.TraineeAssigned(place_id=place, person_id=person, class_id=self._classes[i // OF_CLASS],
                                 institution_id=self._institution, institution_path=f"/{where}")  # fmt: skip

    def _completed(self, i: int) -> e.PlaceEvent:
        place, person = self._places[i]
        return e.TraineeCompleted(place_id=place, person_id=person, class_id=self._classes[i // OF_CLASS],
                                  completed_at=STARTED + timedelta(days=50, seconds=i))  # fmt: skip


async def fill_outbox(con: Connection, entries: Sequence[Entry]) -> None:
    """Events into the outbox as commands of 1,000 would put them there."""
    for part in parts(entries, 1000):
        async with con.transaction():
            await append(con, CONTEXT, part)
