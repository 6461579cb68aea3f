"""Where the small drawings put their parts."""

import pytest

from shared.pages.plots import axis_ticks, bar_parts, interval_geometry, qr_svg


def test_an_interval_lies_on_its_axis_and_says_when_it_is_cut() -> None:
    g = interval_geometry(0.6, 0.85, 1.0, 0.7, 1.0, 216)
    assert (g["x1"], g["dot"], g["x2"], g["cut"]) == (8, 108, 208, True)


def test_a_certain_rate_is_still_visible() -> None:
    assert interval_geometry(1.0, 1.0, 1.0, 0.5, 1.0, 216)["w"] == 2


@pytest.mark.parametrize(("start", "width", "labels"), [
    (0.7, 200, ["70", "80", "90", "100"]), (0.0, 200, ["0", "20", "40", "60", "80", "100"]), (0.7, 128, ["70", "80", "90", "100"]),
    (0.5, 128, ["50", "75", "100"]), (0.4, 96, ["40", "70", "100"]), (0.9, 96, ["90", "100"]), (0.3, 200, ["30", "65", "100"]),
])  # fmt: skip
def test_an_axis_has_round_numbers_that_stand_apart(start: float, width: int, labels: list[str]) -> None:
    assert [label for _, label in axis_ticks(start, 1.0, width)] == labels


@pytest.mark.parametrize(("parts", "whole", "expected"), [
    ([19, 7], 52, [(0, 36.54), (36.54, 13.46)]), ([3], 0, []), ([30], 20, [(0, 100)]), ([15, 10], 20, [(0, 75), (75, 25)]),
])  # fmt: skip
def test_a_bar_never_overflows(parts: list[float], whole: float, expected: list[tuple[float, float]]) -> None:
    assert bar_parts(parts, whole) == expected


def test_a_code_is_drawn_without_style_attributes() -> None:
    assert qr_svg("07-4K2M").startswith("<svg")
    assert "style" not in qr_svg("07-4K2M")
