"""The least that keeping a roster can be: one ``INSERT … SELECT FROM unnest`` per table, in one transaction, nothing asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.db import Connection

COLUMNS = """
select attname, format_type(atttypid, atttypmod) as type from pg_attribute
where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname <> all ($2::text[]) order by attnum
"""


@dataclass(frozen=True)
class Table:
    """The rows of one table as columns, and the statement that writes them."""

    statement: str
    columns: Sequence[Sequence[Any]]

    async def write(self, con: Connection) -> None:
        await con.execute(self.statement, *self.columns)


async def take(con: Connection, table: str, without: Sequence[str] = ()) -> Table:
    """What stands in a table now; columns ``without`` are left to their defaults. Arrays travel as text: unnest would flatten them."""
    columns = [(r["attname"], r["type"]) for r in await con.fetch(COLUMNS, table, list(without))]
    read = [f"array_to_string({n}, ',') as {n}" if t.endswith("[]") else n for n, t in columns]
    made = [f"string_to_array({n}, ',')" if t.endswith("[]") else n for n, t in columns]
    kinds = [f"${i}::{t.removesuffix('[]')}[]" for i, (_, t) in enumerate(columns, 1)]
    names = ", ".join(n for n, _ in columns)
    rows = await con.fetch(f"select {', '.join(read)} from {table}")
    statement = f"insert into {table} ({names}) select {', '.join(made)} from unnest({', '.join(kinds)}) as n ({names})"
    return Table(statement, [list(c) for c in zip(*rows, strict=True)])


async def write(con: Connection, tables: Sequence[Table]) -> None:
    """All tables in one transaction."""
    async with con.transaction():
        for table in tables:
            await table.write(con)
