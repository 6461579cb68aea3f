"""Who stands where: ranked, small, or not ranked at all; and the total under them."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from services.reporting.league.domain.counting import Counts
from services.reporting.league.domain.ratios import Rate, against, wilson
from shared.policy.tables import Formula, TableRules

RANKED: Final = "ranked"
SMALL: Final = "small"
NOT_RANKED: Final = "not_ranked"


class Entrant(msgspec.Struct, frozen=True):
    """A unit, an institution, or (without ``code``) the places that belong to no row. ``counts`` is by formula key."""

    unit_id: str
    code: str
    path: str
    zh: str
    en: str
    counts: Mapping[str, Counts]
    plain: Counts


class Measure(msgspec.Struct, frozen=True):
    """One rate of one line, with its interval as shares of 1 (None where there is none).

    A score has no interval (it is no share of persons) and is printed out of ``max``.
    """

    rate: Rate
    interval: tuple[Decimal, Decimal] | None
    max: Decimal | None = None


class Line(msgspec.Struct, frozen=True):
    """One line of a table. ``rank`` is None unless the line is ranked or stands in the table of the small."""

    entrant: Entrant
    measures: Mapping[str, Measure]
    state: str
    rank: int | None = None
    against_total: str = ""

    @property
    def counts(self) -> Counts:
        """Counts without any formula's exclusions, as printed."""
        return self.entrant.plain


class Table(msgspec.Struct, frozen=True):
    """A league table by one formula; ``total`` is made of summed counts, never of averaged rates (M16)."""

    formula: Formula
    formulas: Sequence[Formula]
    rules: TableRules
    ranked: Sequence[Line]
    small: Sequence[Line]
    not_ranked: Sequence[Line]
    total: Line

    def __iter__(self) -> Iterator[Line]:
        yield from (*self.ranked, *self.small, *self.not_ranked)


def draw(entrants: Sequence[Entrant], formula: Formula, formulas: Sequence[Formula], rules: TableRules) -> Table:
    """The table of ``entrants`` by ``formula``; every formula of ``formulas`` is shown beside (M01-M04, M16)."""
    total = _total(entrants, formulas)
    whole = total.measures[formula.key].rate
    lines = [_line(e, formula, formulas, rules, whole) for e in entrants]
    parts = {state: [x for x in lines if x.state == state] for state in (RANKED, SMALL, NOT_RANKED)}
    return Table(
        formula=formula,
        formulas=formulas,
        rules=rules,
        ranked=rank(parts[RANKED], formula.key, rules.ties),
        small=rank(parts[SMALL], formula.key, rules.ties),
        not_ranked=sorted(parts[NOT_RANKED], key=lambda x: (not x.entrant.code, x.entrant.code)),
        total=total,
    )


def rank(lines: Sequence[Line], key: str, ties: str) -> list[Line]:
    """Best first.

    Equal fractions share a rank: 1, 2, 2, 4 (``competition``) or 1, 2, 2, 3 (``dense``); inside a tie the order is that of
    the administrative code (M16).
    """
    fractions = {x.entrant.unit_id: x.measures[key].rate.fraction for x in lines}
    ordered = sorted(lines, key=lambda x: (-fractions[x.entrant.unit_id], x.entrant.code))
    places: list[int] = []
    for index, line in enumerate(ordered):
        same = index > 0 and fractions[line.entrant.unit_id] == fractions[ordered[index - 1].entrant.unit_id]
        after = index + 1 if ties == "competition" else (places[-1] + 1 if places else 1)
        places.append(places[-1] if same else after)
    return [msgspec.structs.replace(x, rank=n) for x, n in zip(ordered, places, strict=True)]


def rate(formula: Formula, counts: Counts) -> Rate:
    """A formula's fraction.

    A score is the points of all inspections over what they could have given; as long as nobody entered scores its
    denominator is 0 (M09).
    """
    if formula.numerator is None or formula.denominator is None:
        return Rate(counts.inspection_score or 0, counts.inspection_max or 0)
    return Rate(counts.of(formula.numerator), counts.of(formula.denominator))


def measure(formula: Formula, counts: Counts) -> Measure:
    """A formula's rate with its interval, or its score."""
    r = rate(formula, counts)
    return Measure(r, None, formula.max) if formula.value else Measure(r, wilson(r))


def leaves_excused(formula: Formula) -> bool:
    """Whether excused places count in neither half of a formula."""
    return "excused" in formula.exclude


def _line(e: Entrant, formula: Formula, formulas: Sequence[Formula], rules: TableRules, whole: Rate) -> Line:
    measures = _measures(e, formulas)
    chosen = measures[formula.key]
    state = _state(e, chosen, rules)
    return Line(e, measures, state, None, against(whole, chosen.interval) if state == RANKED else "")


def _state(e: Entrant, chosen: Measure, rules: TableRules) -> str:
    """The least number is one of persons (or documents); a score is ranked however few inspections gave it."""
    if not chosen.rate.defined or not e.code:
        return NOT_RANKED
    if chosen.max is not None or chosen.rate.denominator >= rules.min_size or rules.small_units == "with_the_rest":
        return RANKED
    return SMALL if rules.small_units == "own_table" else NOT_RANKED


def _measures(e: Entrant, formulas: Sequence[Formula]) -> dict[str, Measure]:
    return {f.key: measure(f, e.counts[f.key]) for f in formulas}


def _total(entrants: Sequence[Entrant], formulas: Sequence[Formula]) -> Line:
    nobody = Counts(quota=None) if all(e.plain.quota is None for e in entrants) else Counts()
    sums = {f.key: sum((e.counts[f.key] for e in entrants), nobody) for f in formulas}
    whole = Entrant("", "", "", "", "", sums, sum((e.plain for e in entrants), nobody))
    return Line(whole, _measures(whole, formulas), NOT_RANKED)
