from decimal import Decimal
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.league.domain.ratios import Rate, against, one_decimal, percent, wilson

COUNTS = st.integers(1, 400_000)


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    denominator = draw(COUNTS)
    return Rate(draw(st.integers(0, denominator)), denominator)


def half_up(value: Fraction, decimals: int) -> str:
    """Reference: schoolbook, digit by digit."""
    scaled = value * 100 * 10**decimals
    whole = scaled.numerator // scaled.denominator
    if (scaled - whole) * 2 >= 1:
        whole += 1
    text = str(whole).rjust(decimals + 1, "0")
    return f"{text[:-decimals]}.{text[-decimals:]}"


@given(rates())
def test_percent_is_the_exact_fraction_rounded_half_up(rate: Rate) -> None:
    assert percent(rate, 2) == half_up(rate.fraction, 2)


@pytest.mark.rule("M16")
@pytest.mark.parametrize(
    ("rate", "printed"),
    [
        (Rate(2, 3), "66.67"),
        (Rate(1, 800), "0.13"),
        (Rate(3, 800), "0.38"),
        (Rate(2000, 2093), "95.56"),
        (Rate(5, 5), "100.00"),
    ],
)
def test_rounding_is_half_up_to_two_decimals(rate: Rate, printed: str) -> None:
    assert percent(rate, 2) == printed


@given(rates())
def test_wilson_is_inside_zero_and_one_and_around_the_rate(rate: Rate) -> None:
    bounds = wilson(rate)
    assert bounds is not None
    low, high = bounds
    z, n, p = 1.959963984540054, float(rate.denominator), float(rate.fraction)
    spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    exact = Decimal(rate.numerator) / Decimal(rate.denominator)
    assert 0 <= low <= exact + Decimal("1e-20")
    assert exact - Decimal("1e-20") <= high <= 1
    assert float(low) == pytest.approx(max(0, (p + z * z / (2 * n) - spread) / (1 + z * z / n)), abs=1e-9)
    assert float(high) == pytest.approx(min(1, (p + z * z / (2 * n) + spread) / (1 + z * z / n)), abs=1e-9)


@pytest.mark.parametrize(("rate", "low", "high"), [(Rate(122, 122), "96.9", "100.0"), (Rate(71, 72), "92.5", "99.8"), (Rate(0, 20), "0.0", "16.1")])  # fmt: skip
def test_intervals_of_known_counts(rate: Rate, low: str, high: str) -> None:
    bounds = wilson(rate)
    assert bounds is not None
    assert (one_decimal(bounds[0]), one_decimal(bounds[1])) == (low, high)


def test_nothing_of_nothing_and_more_than_all_have_no_interval() -> None:
    assert wilson(Rate(0, 0)) is None
    assert wilson(Rate(5, 4)) is None
    assert not Rate(0, 0).defined


def test_against_the_whole() -> None:
    whole = Rate(2000, 2093)
    assert [against(whole, wilson(r)) for r in (Rate(122, 122), Rate(71, 72), Rate(42, 50), Rate(0, 0))] == [
        "above", "like", "below", ""]  # fmt: skip
    assert against(Rate(0, 0), wilson(Rate(1, 2))) == ""
