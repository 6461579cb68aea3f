"""A roster as read: rows with the numbers that they have in the file, and what is wrong with them."""

from datetime import date
from typing import Any

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The words that rosters use, from texts.yaml: names of columns, what stands for yes and for no.

    ``totals`` and ``signatures``: how lines of the form among the people begin. ``roles`` and ``stages`` are the year's own: each spelling with its key.
    """

    columns: dict[str, list[str]]
    yes: list[str]
    no: list[str]
    totals: list[str] = []
    signatures: list[str] = []
    roles: dict[str, str] = {}
    stages: dict[str, str] = {}


class CellFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake in one cell; ``column`` counts from 0, None where no cell is to blame. ``value`` may be shown."""

    field: str
    column: int | None
    code: str
    value: str = ""
    vars: dict[str, Any] = {}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row with the number it has in the file. A field is empty where it is missing or wrong."""

    row: int
    name: str = ""
    number: str = ""
    born_on: date | None = None
    phone: str | None = None
    email: str | None = None
    school: str = ""
    id_column: int | None = None
    school_column: int | None = None
    teaching_since: date | None = None
    marks: list[str] = []
    roles: list[str] = []
    stages: list[str] = []
    trainer_since: date | None = None
    findings: list[CellFinding] = []


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A roster as read, or the problem that kept it from being read; ``columns`` gives each field's column from 0."""

    rows: list[Row] = []
    columns: dict[str, int] = {}
    header_row: int = 0
    width: int = 0
    problem: str | None = None
    vars: dict[str, Any] = {}
