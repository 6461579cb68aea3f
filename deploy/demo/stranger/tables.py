"""Every league table: rates by the year's own formulas, ranks by its own rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial
from math import floor
from operator import itemgetter
from typing import Any

from .counting import Counts, institutions, total, units
from .facts import Facts
from .streams import Body

Z95 = Decimal("1.959963984540054")
Rows = Mapping[str, Counts]


def tables(facts: Facts, as_of: datetime) -> dict[str, Any]:
    """By ``year/group/level/measure``: each row by its code, and the ``total``."""
    return {
        f"{year['key']}/{name}/{measure}": drawn(year["policy"], ranking, measure, rows, rest)
        for year in facts.years
        for ranking in year["policy"]["rankings"]
        for name, rows, rest in fields(facts, year, ranking, as_of)
        for measure in ranking["by"]
    }


def fields(facts: Facts, year: Body, ranking: Body, as_of: datetime) -> Iterator[tuple[str, Rows, Rows]]:
    """For each group or project within which a ranking is drawn: the counts of each row, of all and without the excused."""
    policy, level = year["policy"], ranking["ranked"]["level"]
    left_out = ranking.get("leave_out", {}).get("projects", ())
    for field in policy["groups"] if ranking["within"] == "group" else policy["projects"]:
        projects = [p["key"] for p in policy["projects"] if field["key"] in (p["key"], p["group"])]
        taken = [key for key in projects if key not in left_out]
        counted = institutions if level == "institution" else partial(units, level=level)
        rows = partial(counted, facts, year, taken, as_of)
        if taken:
            yield f"{field['key']}/{level}", rows(), rows(leave_excused=True)


def drawn(policy: Body, ranking: Body, measure: str, rows: Rows, rest: Rows) -> dict[str, Any]:
    """One table by one measure. ``rest`` are the rows without the excused, for the formulas that leave them out."""
    rules, shown = policy["table_rules"], [*ranking["by"], *ranking["beside"]]
    formulas = {f["key"]: f for f in policy["formulas"] if f["key"] in shown}
    taken = {key: rest if leaves_excused(f) else rows for key, f in formulas.items()}
    formula, own = formulas[measure], taken[measure]
    states = {code: state(formula, code, counts, rules) for code, counts in own.items()}
    places: dict[str, int] = {}
    for kind in ("ranked", "small"):
        places |= ranks({c: fraction(formula, own[c]) for c in own if states[c] == kind}, rules["ties"])

    def line(of: Callable[[Rows], Counts]) -> dict[str, Any]:
        rates = {key: rate(f, of(taken[key]), rules) for key, f in formulas.items()}
        return {"counts": of(rows), "rates": rates}

    lines = {code: {"state": states[code], "rank": places.get(code), **line(itemgetter(code))} for code in rows}
    return {**lines, "total": line(lambda each: total(each.values()))}


def leaves_excused(formula: Body) -> bool:
    """Whether those who are excused count in neither half of a formula."""
    return "excused" in formula.get("exclude", ())


def parts(formula: Body, counts: Counts) -> tuple[Any, Any]:
    """What is divided by what: counts, or the points of inspections by what they could have given."""
    names = (
        ("inspection_score", "inspection_max") if "value" in formula else (formula["numerator"], formula["denominator"])
    )
    return counts[names[0]] or 0, counts[names[1]] or 0


def fraction(formula: Body, counts: Counts) -> Fraction:
    """The exact value."""
    part, whole = parts(formula, counts)
    return Fraction(part) / Fraction(whole)


def rate(formula: Body, counts: Counts, rules: Body) -> dict[str, Any]:
    """A rate as it is printed; a score is printed out of its maximum and has no interval."""
    part, whole = parts(formula, counts)
    decimals, scale = rules["rounding"]["decimals"], Fraction(formula.get("max", "100"))
    printed = half_up(scale * fraction(formula, counts), decimals) if whole else None
    if "value" in formula:
        return {
            "numerator": part,
            "denominator": whole,
            "percent": None,
            "interval": None,
            "score": printed,
            "max": formula["max"],
        }
    return {"numerator": part, "denominator": whole, "percent": printed, "interval": wilson(part, whole)}


def half_up(value: Fraction, decimals: int) -> str:
    """A number rounded half up, exactly."""
    units, rest = divmod(floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)
    return f"{units}.{rest:0{decimals}d}" if decimals else str(units)


def wilson(part: int, whole: int) -> list[str] | None:
    """The Wilson 95 % interval in percent, one decimal; None where there is no share."""
    if not whole or part > whole:
        return None
    n, share = Decimal(whole), Decimal(part) / Decimal(whole)
    middle, spread = share + Z95**2 / (2 * n), Z95 * (share * (1 - share) / n + Z95**2 / (4 * n * n)).sqrt()
    bounds = ((middle - spread) / (1 + Z95**2 / n), (middle + spread) / (1 + Z95**2 / n))
    return [str((min(max(b, Decimal(0)), Decimal(1)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)) for b in bounds]


def state(formula: Body, code: str, counts: Counts, rules: Body) -> str:
    """Whether a row is ranked, stands among the small ones, or has nothing to be ranked by."""
    whole = parts(formula, counts)[1]
    if not whole or not code:
        return "not_ranked"
    if "value" in formula or whole >= rules["min_size"] or rules["small_units"] == "with_the_rest":
        return "ranked"
    return "small" if rules["small_units"] == "own_table" else "not_ranked"


def ranks(values: Mapping[str, Fraction], ties: str) -> dict[str, int]:
    """1, 2, 2, 4 (``competition``) or 1, 2, 2, 3 (``dense``), the best first."""
    better: Sequence[Fraction] = list(values.values()) if ties == "competition" else list(set(values.values()))
    return {code: 1 + sum(other > value for other in better) for code, value in values.items()}
