"""A whole table as it is frozen and exported: each line with its rank by every measure of the ranking."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from services.reporting.league.domain.publishing import published
from services.reporting.league.domain.ranking import Entrant, Line, Table, draw
from shared.policy.tables import Formula, Ranking, TableRules

Values = Mapping[str, Any]


class Field(msgspec.Struct, frozen=True):
    """What a table is drawn over: a group or one project, with names in both languages."""

    key: str
    zh: str
    en: str


class Sheet(msgspec.Struct, frozen=True):
    """Everything that a table says, in JSON's own types.

    ``by`` are the keys of the formulas that rank. Of a row: unit_id, code, zh, en, counts, ``rates`` by formula key, and
    ``ranks`` by key of ``by``, each ``{state, rank}`` where rank is None for those who are not ranked.
    """

    ranking: str
    zh: str
    en: str
    level: str
    field: Field
    projects: Sequence[str]
    by: Sequence[str]
    formulas: Sequence[Values]
    rules: Values
    rows: Sequence[Values]
    total: Values


def sheet(
    ranking: Ranking, level: str, field: Field, projects: Sequence[str], entrants: Sequence[Entrant],
    formulas: Sequence[Formula], rules: TableRules,
) -> Sheet:  # fmt: skip
    """Rank the entrants by each measure; rows stand in the order of the first one (M01-M06, M16)."""
    tables = {f.key: draw(entrants, f, formulas, rules) for f in formulas if f.key in ranking.by}
    first = tables[ranking.by[0]]
    places = {key: {x.entrant.unit_id: x for x in table} for key, table in tables.items()}
    return Sheet(
        ranking=ranking.key,
        zh=ranking.names.zh,
        en=ranking.names.en,
        level=level,
        field=field,
        projects=list(projects),
        by=list(ranking.by),
        formulas=[_plain(f) for f in formulas],
        rules=_plain(rules),
        rows=[_row(line, first, {k: places[k][line.entrant.unit_id] for k in ranking.by}) for line in first],
        total=_row(first.total, first, {}),
    )


def _row(line: Line, table: Table, places: Mapping[str, Line]) -> Values:
    unit = line.entrant
    ranks = {key: {"state": x.state, "rank": x.rank} for key, x in places.items()}
    rates = {key: published(m, table.rules) for key, m in line.measures.items()}
    row: Values = {"unit_id": unit.unit_id, "code": unit.code, "zh": unit.zh, "en": unit.en, "counts": _plain(line.counts),
           "rates": rates, "ranks": ranks}  # fmt: skip
    return {key: _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    """JSON's own types. A decimal becomes text without trailing zeros, so that 94.50 and 94.5 are one value."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.to_builtins(value, builtin_types=(Decimal,)))
    return value
