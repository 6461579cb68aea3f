"""A class on a real database, from schedule to end; every command runs in a transaction of its own."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.enrolment.checkin import service as checkin
from services.enrolment.checkin.service import Absence, Arrival
from services.enrolment.checkin.store import code_of_place
from services.enrolment.classes import service as classes
from services.enrolment.classes.domain import Move
from services.enrolment.classes.service import Act, Ask
from services.enrolment.classes.store import Staff
from services.enrolment.corrections import service as corrections
from services.enrolment.documents import service as documents
from services.enrolment.documents.domain import Upload
from services.enrolment.signedlists import service as signedlists
from services.enrolment.standing.store import replace_ranges
from services.enrolment.substitutions import service as substitutions
from shared.auth import Principal
from shared.events import Names
from shared.events.blacklist import BanConfirmed, BanRange
from shared.events.enrolment import TraineeSelected
from tests.integration.enrolment.ground import COHORT, KEY, TEXTS, Ground, at, context

CODES = hashlib.sha256(b"codes").digest()
STAFF = [
    Staff(r, f"{r}（合成）", "13900088000") for r in ("chief_expert", "subject_class_teacher", "life_class_teacher")
]
PDF = b"%PDF-1.7\n(synthetic)"
START, END = date(2021, 8, 26), date(2021, 9, 9)


@dataclass
class Classroom:
    """One class of the synthetic institution."""

    ground: Ground
    class_id: str = ""
    places: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    async def do(
        self, work: Callable[[Act], Awaitable[dict[str, Any]]], now: datetime | None = None, who: Principal | None = None,
        seen: int | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        who = who or self.ground.as_("institution", "inst-001")
        async with self.ground.db.write() as con:
            return await work(Act(con, context(now or at(8, 2)), who, TEXTS, CODES, seen))

    async def schedule(
        self, starts_on: date = START, ends_on: date = END, period: int = 7, **more: Any
    ) -> dict[str, Any]:
        now, who = more.pop("now", None), more.pop("who", None)
        usual: dict[str, Any] = {"programme": KEY, "cohort": COHORT, "institution": "inst-001", "themes": ["乡村课堂教学改进"],
                 "name": Names("乡村骨干07班", "Rural class 07"), "address": "示例师大东校区"}  # fmt: skip
        ask = Ask(**{**usual, "starts_on": starts_on, "ends_on": ends_on, "period": period, **more})
        done = await self.do(lambda act: classes.schedule(act, ask), now, who)
        self.class_id = self.class_id or done["class_id"]
        return done

    async def staff(self, staff: Sequence[Staff] = STAFF) -> dict[str, Any]:
        return await self.do(lambda act: classes.name_staff(act, self.class_id, staff))

    async def fill(self, number: int = 5) -> None:
        await self.ground.quota(max(number, 20))
        self.people = await self.ground.people(number)
        decision = await self.ground.select(self.people)
        held = {e.person_id: e.place_id for e in decision.events if isinstance(e, TraineeSelected)}
        self.places = [held[p] for p in self.people]
        await self.assign(self.places)

    async def assign(self, place_ids: Sequence[str], class_id: str = "") -> dict[str, Any]:
        return await self.do(lambda act: classes.assign(act, class_id or self.class_id, place_ids))

    async def open(self, now: datetime | None = None) -> dict[str, Any]:
        return await self.do(lambda act: classes.open_class(act, self.class_id), now or at(8, 6))

    async def move(self, now: datetime, cause: str = "institution", **to: Any) -> dict[str, Any]:
        return await self.do(lambda act: classes.move(act, self.class_id, Move(cause=cause, **to)), now)

    async def cancel(self, now: datetime, cause: str = "public_health") -> dict[str, Any]:
        return await self.do(lambda act: classes.cancel(act, self.class_id, cause), now)

    async def code(self, place_id: str) -> str:
        async with self.ground.db.system() as con:
            found = await code_of_place(con, place_id)
        assert found
        return found.code

    async def arrive(self, code: str, now: datetime | None = None, class_id: str = "") -> dict[str, Any]:
        arrival = Arrival(code=code)
        return await self.do(
            lambda act: checkin.check_in(act, class_id or self.class_id, arrival), now or at(8, 26, 10)
        )

    async def by_hand(self, place_id: str, reason: str) -> dict[str, Any]:
        arrival = Arrival(place_id=place_id, reason=reason)
        return await self.do(lambda act: checkin.check_in(act, self.class_id, arrival), at(8, 26, 11))

    async def signed(
        self, place_ids: Sequence[str], now: datetime | None = None, reason: str = "停电（合成）"
    ) -> dict[str, Any]:
        return await self.do(
            lambda act: signedlists.check_in(act, self.class_id, place_ids, reason), now or at(8, 26, 11)
        )

    async def excuse(
        self, place_id: str, reason: str, evidence: list[str], who: Principal | None = None, now: datetime | None = None
    ) -> dict[str, Any]:
        absence = Absence(reason=reason, evidence=evidence, note="合成说明")
        who = who or self.ground.as_("city", "410100")
        return await self.do(lambda act: checkin.excuse(act, place_id, absence), now or at(8, 26, 12), who)

    async def close(self, now: datetime | None = None, *, held: bool = True) -> dict[str, Any]:
        return await self.do(lambda act: checkin.close(act, self.class_id, held=held), now or at(8, 27, 18))

    async def correct(
        self, place_id: str, reason: str, now: datetime, *, completed: bool = False, who: Principal | None = None
    ) -> dict[str, Any]:
        return await self.do(lambda act: corrections.correct(act, place_id, reason, completed=completed), now, who)

    async def dismiss(self, place_id: str, text: str = "多次缺课（合成）") -> dict[str, Any]:
        return await self.do(lambda act: checkin.dismiss(act, place_id, text), at(9, 1))

    async def complete(self, done: Sequence[str], now: datetime | None = None, **failed: str) -> dict[str, Any]:
        return await self.do(lambda act: checkin.complete(act, self.class_id, done, failed), now or at(9, 10))

    async def ask_for(
        self, place_id: str, substitute: str, now: datetime, who: Principal | None = None
    ) -> dict[str, Any]:
        who = who or self.ground.as_("school", "410183-s001")
        return await self.do(lambda act: substitutions.ask(act, place_id, substitute, "家中有事（合成）"), now, who)

    async def approve(
        self, place_id: str, now: datetime, who: Principal | None = None, *, approve: bool = True
    ) -> dict[str, Any]:
        who = who or self.ground.as_("county", "410183")
        return await self.do(lambda act: substitutions.decide(act, place_id, "", approve=approve), now, who)

    async def hand_in(self, document: str, now: datetime, name: str = "通知.pdf", content: bytes = PDF, *,
                      sealed: bool = False, size: int = 0) -> dict[str, Any]:  # fmt: skip
        upload = Upload(name=name, head=content[:16], size=size or len(content), sealed=sealed)
        return await self.do(lambda act: documents.hand_in(act, self.class_id, document, upload, content), now)

    async def types(self, topic: str) -> list[str]:
        return [e["ce_type"].split(".", 1)[1] for e in await self.ground.events(topic)]


async def ban(ground: Ground, person: str, starts_on: date, ends_before: date, **scope: Any) -> None:
    usual: dict[str, Any] = {"plan_levels": ["province"], "forms": ["in_person"], "force": "absolute"}
    covered = BanRange(starts_on=starts_on, ends_before=ends_before, **usual | scope)
    entry = BanConfirmed(entry_id=f"entry-{person}", person_id=person, confirmed_at=at(8, 1), rule_key="ban-2021", rule_version=1,
                         unit_path="/", ranges=[covered], decided_by=["a", "b"])  # fmt: skip
    async with ground.db.write() as con:
        await replace_ranges(con, [entry])
