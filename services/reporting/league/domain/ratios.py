"""Exact fractions, how they are printed, and how sure they are."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import floor
from typing import Final

import msgspec

Z95: Final = Decimal("1.959963984540054")
ONE: Final = Decimal(1)


class Rate(msgspec.Struct, frozen=True):
    """``numerator / denominator`` as counted, or points of a score; comparing uses the exact fraction, never a rounded one."""

    numerator: int | Decimal
    denominator: int | Decimal

    @property
    def fraction(self) -> Fraction:
        """The exact value. ZeroDivisionError when nobody could have counted; ask ``defined`` first."""
        return Fraction(self.numerator) / Fraction(self.denominator)

    @property
    def defined(self) -> bool:
        """Whether there is a rate at all: nothing divided by nothing is neither 0 % nor 100 % (M16)."""
        return self.denominator > 0


def percent(rate: Rate, decimals: int) -> str:
    """The rate in percent without the sign, rounded half up (M16): 2/3 at two decimals is ``66.67``."""
    return half_up(100 * rate.fraction, decimals)


def half_up(value: Fraction, decimals: int) -> str:
    """A number that is not negative with its decimals, rounded half up (M16)."""
    scale = 10**decimals
    whole, rest = divmod(floor(value * scale + Fraction(1, 2)), scale)
    return f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)


def wilson(rate: Rate) -> tuple[Decimal, Decimal] | None:
    """The Wilson 95 % interval as shares of 1; None for a rate that is undefined or above 1."""
    if not rate.defined or rate.numerator > rate.denominator:
        return None
    with localcontext() as context:
        context.prec = 40
        n = Decimal(rate.denominator)
        p = Decimal(rate.numerator) / n
        spread = Z95 * (p * (1 - p) / n + Z95 * Z95 / (4 * n * n)).sqrt()
        middle = p + Z95 * Z95 / (2 * n)
        below = 1 + Z95 * Z95 / n
        return max((middle - spread) / below, Decimal(0)), min((middle + spread) / below, ONE)


def one_decimal(share: Decimal) -> str:
    """A bound of an interval in percent, one decimal, half up: ``96.9``."""
    return str((share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP))


def against(whole: Rate, interval: tuple[Decimal, Decimal] | None) -> str:
    """Whether an interval lies ``above`` or ``below`` the whole's rate, or is ``like`` it; ``""`` without either."""
    if interval is None or not whole.defined:
        return ""
    mean = Decimal(whole.numerator) / Decimal(whole.denominator)
    low, high = interval
    return "above" if low > mean else "below" if high < mean else "like"
