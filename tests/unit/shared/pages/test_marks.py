"""Inline mark-up: nothing breaks inside a date, and no value becomes mark-up by itself."""

import pytest
from markupsafe import Markup

from shared.pages.marks import nb, rich


@pytest.mark.parametrize(("text", "kept"), [
    ("到2021年8月26日为止", "2021年8月26日"), ("8月26日 周四", "8月26日"), ("until 26 Aug 2021.", "26 Aug 2021"),
    ("8月26日 08:00–18:00报到", "8月26日 08:00–18:00"), ("on 26 Aug 09:00.", "26 Aug 09:00"),
    ("08:00–18:00报到", "08:00–18:00"), ("共20人", "20人"), ("10分钟内", "10分钟"), ("不少于50%", "50%"),
    ("电0371-00000110", "0371-00000110"), ("共10,000行", "10,000行"),
    ("已到17 / 20人，", "17 / 20人"), ("19 / 20）", "19 / 20"),
])  # fmt: skip
def test_dates_times_phones_and_counts_stay_together(text: str, kept: str) -> None:
    assert nb(text) == text.replace(kept, f'<span class="nb">{kept}</span>')


def test_bold_and_void_may_hold_a_date() -> None:
    said = rich("**8月26日**，~~原8月23日~~")
    assert said == ('<b><span class="nb">8月26日</span></b>，<s class="old">原<span class="nb">8月23日</span></s>')


def test_values_are_escaped_and_markup_passes() -> None:
    assert rich("<b>&**x**") == "&lt;b&gt;&amp;<b>x</b>"
    assert rich(Markup("<i>20人</i>")) == "<i>20人</i>"
    assert nb(20) == "20"
