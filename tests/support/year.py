"""A small programme year as streams of events: units, policy, quota, places, a class. All data are synthetic."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared.events import Event
from shared.events import enrolment as e
from shared.events.base import Names
from shared.policy import Policy, load
from tests.support.streams import Streams

CIVIL = ZoneInfo("Asia/Shanghai")
POLICIES = Path(__file__).parents[2] / "deploy" / "policies"
STARTS = date(2021, 8, 26)


def at(month: int, day: int, hour: int = 9) -> datetime:
    """An instant of the year's civil time."""
    return datetime(2021, month, day, hour, tzinfo=CIVIL)


@cache
def policy(name: str = "henan-2021") -> Policy:
    """A programme year of the project."""
    return load((POLICIES / f"{name}.yaml").read_text())


@dataclass
class Year:
    """Builds the streams step by step; each step says when it happened."""

    streams: Streams = field(default_factory=lambda: Streams("henan-2021@1"))
    policy: Policy = field(default_factory=policy)
    programme: str = "programme-2021"

    def units(self, tree: dict[str, Any], level: int = 0, path: str = "/", parent: str | None = None) -> None:
        """``{"410000": {"410100": {…}}}``; a unit's id is ``u-<code>``; ``-s`` in a code makes a school."""
        levels = [lv.key for lv in self.policy.units.levels]
        for code, below in tree.items():
            own, kind = f"{path}u-{code}/", "school" if "-s" in code else levels[level]
            self.streams.add(e.UnitRegistered(unit_id=f"u-{code}", code=code, kind=kind, level=kind,
                                              parent_id=parent, path=own, names=Names(f"单位{code}", f"Unit {code}")),
                             at(7, 1))  # fmt: skip
            self.units(below, level + 1, own, f"u-{code}")

    def institution(self, code: str, root: str) -> None:
        """A training institution under the root."""
        self.streams.add(e.UnitRegistered(unit_id=f"u-{code}", code=code, kind="institution", level=None,
                                          parent_id=f"u-{root}", path=f"/u-{root}/u-{code}/",
                                          names=Names(f"院校{code}", f"Institution {code}")), at(7, 1))  # fmt: skip

    def publish(self, root: str = "410000") -> None:
        """The policy with all its sections."""
        p = self.policy
        self.streams.add(e.ProgrammePublished(programme_id=self.programme, key=p.key, revision=p.revision, year=p.year,
                                              issuer_unit_id=f"u-{root}", issuer_path=f"/u-{root}/", sha256=p.sha256,
                                              policy=p.to_dict(), published_at=at(7, 16)), at(7, 16))  # fmt: skip

    def quota(self, path: str, places: int, parent: str | None = None) -> str:
        """A cell for the last unit of the path; gives its id."""
        unit = path.strip("/").split("/")[-1]
        self.streams.add(e.QuotaAllocated(cell_id=f"cell-{unit}", parent_cell_id=parent, programme_id=self.programme,
                                          policy_key=self.policy.key, project="rural", cohort="rural-teacher",
                                          unit_id=unit, unit_path=path, places=places), at(7, 18))  # fmt: skip
        return f"cell-{unit}"

    def select(self, name: str, path: str, *, met: bool = True, instead_of: str | None = None) -> None:
        """A place for the person of the same name."""
        self.streams.add(e.TraineeSelected(
            place_id=f"place-{name}", person_id=f"person-{name}", programme_id=self.programme,
            policy_key=self.policy.key, project="rural", cohort="rural-teacher", cohort_kind="trainee",
            plan_level="province", forms=["in_person", "online"], unit_id=path.strip("/").split("/")[-1],
            unit_path=path, selected_at=at(7, 20), met_every_condition=met,
            substitute_for=f"place-{instead_of}" if instead_of else None), at(7, 20))  # fmt: skip

    def schedule(self, klass: str, institution: str, root: str = "410000") -> None:
        """A class that starts on 23 August and is moved to the 26th."""
        names = Names(f"{klass}班", f"Class {klass}")
        self.streams.add(e.ClassScheduled(
            class_id=klass, programme_id=self.programme, policy_key=self.policy.key, project="rural",
            cohort="rural-teacher", plan_level="province", forms=["in_person", "online"],
            institution_id=f"u-{institution}", institution_path=f"/u-{root}/u-{institution}/", name=names, period=1,
            theme="t", address="a", starts_on=STARTS - timedelta(days=3), ends_on=STARTS + timedelta(days=11),
            checkin_opens_at=at(8, 22), checkin_closes_at=at(8, 24), date_version=1), at(8, 2))  # fmt: skip
        self.streams.add(e.ClassOpened(class_id=klass, opened_at=at(8, 6), starts_on=STARTS - timedelta(days=3),
                                       ends_on=STARTS + timedelta(days=11), address="a", date_version=1), at(8, 6))  # fmt: skip
        self.streams.add(e.ClassRescheduled(
            class_id=klass, cause="weather", rescheduled_at=at(8, 17), previous_starts_on=STARTS - timedelta(days=3),
            starts_on=STARTS, ends_on=STARTS + timedelta(days=14), address="a", checkin_opens_at=at(8, 25),
            checkin_closes_at=at(8, 27, 18), date_version=2), at(8, 17))  # fmt: skip

    def step(
        self, name: str, what: str, klass: str = "class", institution: str = "inst-001", root: str = "410000"
    ) -> None:
        """One step of a place: registered assigned checked_in excused expected no_show dismissed withdrawn completed revoked."""
        ids: dict[str, Any] = {"place_id": f"place-{name}", "person_id": f"person-{name}"}
        of = {**ids, "class_id": klass}
        where = {"institution_id": f"u-{institution}", "institution_path": f"/u-{root}/u-{institution}/"}
        closed = at(8, 27, 18)
        events: dict[str, Callable[[], Event]] = {
            "registered": lambda: e.TraineeRegistered(**ids, registered_at=at(7, 25)),
            "assigned": lambda: e.TraineeAssigned(**of, **where),
            "checked_in": lambda: e.TraineeCheckedIn(**of, checked_in_at=at(8, 26), method="qr"),
            "excused": lambda: e.TraineeExcused(**of, reason="illness", evidence=["medical_certificate"],
                                                accepted_by="city", excused_at=at(8, 27)),
            "expected": lambda: e.TraineeExpected(**of, closed_at=closed),
            "no_show": lambda: self._dropout(name, klass, "no_show", closed, where),
            "dismissed": lambda: self._dropout(name, klass, "dismissed", at(8, 30), where),
            "withdrawn": lambda: e.TraineeDropoutWithdrawn(**of, cause="no_show", why="attendance_corrected",
                                                           withdrawn_at=at(8, 29), evidence=["statement"]),
            "completed": lambda: e.TraineeCompleted(**of, completed_at=at(9, 10)),
            "revoked": lambda: e.TraineeRevoked(**ids, entry_id="entry", revoked_at=at(9, 20)),
        }  # fmt: skip
        event = events[what]()
        self.streams.add(event, closed if what == "expected" else next(iter(_moments(event)), at(8, 3)))

    def _dropout(
        self, name: str, klass: str, cause: Any, when: datetime, where: dict[str, Any]
    ) -> e.TraineeDropoutRecorded:
        selected = next(r.event for r in self.streams.received if r.stream == f"place-{name}")
        assert isinstance(selected, e.TraineeSelected)
        same = {k: getattr(selected, k) for k in ("programme_id", "policy_key", "project", "cohort", "cohort_kind",
                                                  "plan_level", "forms", "unit_id", "unit_path")}  # fmt: skip
        return e.TraineeDropoutRecorded(place_id=f"place-{name}", person_id=f"person-{name}", class_id=klass, cause=cause,
                                        occurred_at=when, evidence=["statement"] if cause == "dismissed" else [],
                                        **same, **where)  # fmt: skip

    def close(self, klass: str, expected: int, checked_in: int, *, held: bool = True) -> None:
        """Check-in closes."""
        self.streams.add(e.ClassCheckinClosed(class_id=klass, closed_at=at(8, 27, 18), held=held, expected=expected,
                                              checked_in=checked_in), at(8, 27, 18))  # fmt: skip

    def hand_in(
        self, document: str, klass: str, when: datetime, institution: str = "inst-001", root: str = "410000"
    ) -> None:
        """A document of a class; the notice is due ten days before the start, so until 16 August."""
        due = at(8, 16, 23)
        self.streams.add(e.DocumentSubmitted(
            document_id=f"{document}-{klass}", document=document, programme_id=self.programme, policy_key=self.policy.key,
            project="rural", class_id=klass, institution_id=f"u-{institution}",
            institution_path=f"/u-{root}/u-{institution}/", file_id="file", sha256="0" * 64, size=1, submitted_at=when,
            due_at=due, on_time=when <= due), when)  # fmt: skip

    def cancel(self, klass: str) -> None:
        """The class is cancelled after all."""
        self.streams.add(
            e.ClassCancelled(class_id=klass, cause="weather", cancelled_at=at(8, 28), date_version=3), at(8, 28)
        )


def _moments(event: Any) -> list[datetime]:
    return [v for name in event.__struct_fields__ if isinstance(v := getattr(event, name), datetime)]
