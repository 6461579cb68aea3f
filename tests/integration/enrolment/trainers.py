"""People who may be nominated as provincial trainers, and the pot they are nominated for. All data are synthetic."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.enrolment.choices import service as choices
from services.enrolment.conditions.service import set_credentials
from services.enrolment.conditions.store import Credentials
from services.enrolment.nominations import service as nominations
from services.enrolment.nominations.domain import Nominated
from services.enrolment.nominations.service import Whom
from services.enrolment.pools import service as pools
from services.enrolment.units import service as units
from shared.auth import Principal
from tests.integration.enrolment.ground import KEY, SCHOOL, TEXTS, Ground, at, context

TRAINER = "trainer"
WHERE = (KEY, TRAINER)
STATEMENTS = ["healthy", "devoted", "experienced"]


async def contacts(ground: Ground, codes: Sequence[str]) -> None:
    """Somebody responsible in each of the units."""
    asks = [units.ContactAsk(unit=c, name="示例联系人", email=f"{c}@example.invalid") for c in codes]
    async with ground.db.write() as con:
        await units.set_contacts(con, context(at(7, 15)), ground.as_("province", "410000"), asks)


async def share(ground: Ground, shares: dict[str, int] | None = None, *, official: bool = False) -> dict[str, object]:
    ask = pools.Ask(shares=shares or {}, official=official)
    async with ground.db.write() as con:
        return await pools.share_out(con, context(), ground.as_("province", "410000"), WHERE, ask, TEXTS)


async def assign(ground: Ground, institution: str = "inst-001") -> None:
    async with ground.db.write() as con:
        await pools.assign(con, context(), ground.as_("province", "410000"), WHERE, institution, TEXTS)


async def trainers(ground: Ground, number: int, school: str = SCHOOL, first: int = 0, **changes: Any) -> list[str]:
    """People with a role and years of training teachers."""
    people = await ground.people(number, school, first)
    usual: dict[str, Any] = {"roles": ["chief_expert"], "trainer_since": date(2015, 9, 1)} | changes
    async with ground.db.write() as con:
        credentials = [Credentials(person_id=p, **usual) for p in people]
        await set_credentials(con, context(), ground.as_("city", "410100"), KEY, credentials)
    return people


async def nominate(
    ground: Ground, people: list[str], now: datetime | None = None, who: Principal | None = None, **more: Any
) -> Nominated:
    whom = Whom(person_ids=people, **{"attested": STATEMENTS, **more})
    async with ground.db.write() as con:
        return await nominations.nominate(con, context(now), who or ground.as_("city", "410100"), WHERE, whom)


async def choose(
    ground: Ground, chosen: Sequence[str], refused: dict[str, str] | None = None, who: Principal | None = None
) -> choices.Outcome:
    who = who or ground.as_("institution", "inst-001")
    async with ground.db.write() as con:
        return await choices.choose(con, context(at(8, 1)), who, WHERE, chosen, refused or {})
