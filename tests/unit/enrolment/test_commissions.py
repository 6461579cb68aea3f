"""Who carries a project: given and taken back in any order and as often as one likes (D01, D03)."""

from datetime import datetime, timedelta
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.commissions.domain import Commission, Institution, Year, decide_commissions, decide_release
from tests.unit.enrolment.given import NOW

YEAR = Year(programme_id="programme", policy_key="henan-2021", project="rural")


class Carriers:
    """The commissions of one project as their events leave them."""

    def __init__(self) -> None:
        self.rows: dict[str, Commission] = {}
        self.ids = (str(n) for n in count())

    def carrying(self) -> list[str]:
        return sorted(c.institution_id for c in self.rows.values() if c.released_at is None)

    def give(self, institutions: str, now: datetime) -> int:
        units = [Institution(i, f"/h/{i}/") for i in institutions]
        events = decide_commissions(YEAR, units, self.carrying(), self.ids, now)
        for e in events:
            assert e.commission_id not in self.rows, "who carries it again has a commission of its own"
            self.rows[e.commission_id] = Commission(
                commission_id=e.commission_id, version=1, programme_id=e.programme_id, policy_key=e.policy_key,
                project=e.project, institution_id=e.institution_id, institution_path=e.institution_path,
                released_at=None)  # fmt: skip
        return len(events)

    def release(self, commission_id: str, now: datetime) -> int:
        held = self.rows[commission_id]
        event = decide_release(held, "the reason", now)
        if event is None:
            return 0
        assert (event.commission_id, event.institution_id) == (commission_id, held.institution_id)
        assert held.released_at is None, "what has ended does not end again"
        self.rows[commission_id] = msgspec.structs.replace(held, released_at=event.released_at)
        return 1


gifts = st.text(alphabet="ijk", min_size=1, max_size=4)  # the same institution may be named twice
steps = st.lists(gifts | st.integers(0, 6), max_size=20)


@pytest.mark.rule("D03")
@given(steps)
def test_an_institution_carries_a_project_once_from_giving_to_taking_back(order: list[str | int]) -> None:
    carriers, expected = Carriers(), set[str]()
    for now, step in enumerate(order):
        for doubled in (False, True):
            moment = NOW + timedelta(hours=2 * now + doubled)
            if isinstance(step, str):
                told = carriers.give(step, moment)
                new = set(step) - expected
                expected |= new
            elif str(step) in carriers.rows:
                before = carriers.rows[str(step)]
                told = carriers.release(str(step), moment)
                new = {before.institution_id} if before.released_at is None else set()
                expected -= new
            else:
                continue
            assert told == len(new), "each change is told once, and nothing else is"
            assert not (doubled and told), "asking again changes nothing"
            assert carriers.carrying() == sorted(expected)
