"""Geometry of the small server-side drawings; the templates only print it."""

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

LABEL: Final = 33  # pixels that a label of the axis needs


def interval_geometry(low: float, rate: float, high: float, start: float, end: float, width: int) -> Mapping[str, Any]:
    """Where a confidence interval and its rate stand on an axis from ``start`` to ``end`` (all as shares of 1).

    Gives pixel positions ``x1``, ``x2`` (the bar), ``dot``, and ``cut`` when the interval begins left of the axis.
    """

    def place(share: float) -> float:
        return round(8 + (min(max(share, start), end) - start) / (end - start) * (width - 16), 1)

    x1, x2 = place(low), place(high)
    return {"x1": x1, "x2": x2, "w": max(round(x2 - x1, 1), 2), "dot": place(rate), "cut": low < start}


def axis_ticks(start: float, end: float, width: int) -> list[tuple[float, str]]:
    """Positions and labels (percent): round tens, as many as there is room for, else halves."""
    tenths = max(round((end - start) * 10), 1)
    round_ones = [n for n in range(1, width // LABEL + 1) if tenths % n == 0]
    steps = max([*round_ones[1:], 1 if tenths == 1 else 2])
    shares = [start + (end - start) * i / steps for i in range(steps + 1)]
    return [(round(8 + (s - start) / (end - start) * (width - 16), 1), f"{s * 100:.0f}") for s in shares]


def bar_parts(parts: list[float], whole: float) -> list[tuple[float, float]]:
    """Start and width (both of 100) of each part of a bar; an empty whole gives no parts."""
    if whole <= 0:
        return []
    widths = [max(0.0, min(100.0, 100 * p / whole)) for p in parts]
    return [
        (round(min(sum(widths[:i]), 100), 2), round(min(w, 100 - min(sum(widths[:i]), 100)), 2))
        for i, w in enumerate(widths)
    ]


def qr_svg(content: str) -> Markup:
    """A QR code as inline SVG: black on white, scalable, no style attribute (the CSP forbids them)."""
    import segno

    code = segno.make(content, error="m", micro=False)
    svg = code.svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True, dark="#000", light="#fff")
    return Markup(svg)  # noqa: S704  (drawn by segno; holds paths only)
