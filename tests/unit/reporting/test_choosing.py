"""Which year is opened first, on the front page and on a dashboard."""

import pytest

from services.reporting.league.domain.choosing import Begun, present

OVER = Begun("over", selected=True, expected=True)
UNDER_WAY = Begun("under-way", selected=True, expected=False)
NEW = Begun("new", selected=False, expected=False)


@pytest.mark.parametrize(("newest_first", "opened"), [
    ([], None),
    ([NEW], "new"),
    ([NEW, UNDER_WAY], "under-way"),
    ([NEW, UNDER_WAY, OVER], "over"),
    ([Begun("newer", selected=True, expected=True), NEW, OVER], "newer"),
])  # fmt: skip
def test_the_newest_year_with_rates_is_opened_then_the_newest_with_people(
    newest_first: list[Begun], opened: str | None
) -> None:
    assert present(newest_first) == opened
