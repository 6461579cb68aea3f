"""Lists of units: an upload shows what it would change, a second step does exactly that."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import uuid4

import msgspec

from services.enrolment.unitlists import store
from services.enrolment.unitlists.domain import (
    Change,
    Difference,
    Line,
    Listing,
    Meant,
    Preview,
    Tree,
    compare,
    differences,
    events,
    meanings,
    read_lines,
    restless,
)
from services.enrolment.unitlists.domain.table import COLUMNS
from services.enrolment.unitlists.store import UnitList
from services.enrolment.units.domain import KnownUnit
from services.enrolment.units.store import hold_tree, known_units
from services.enrolment.units.store import save as save_units
from services.enrolment.wording.service import problem, said
from shared.auth import Principal
from shared.context import Context
from shared.db import Connection
from shared.events.base import Names
from shared.problems import Problem
from shared.texts import CIVIL, LANGUAGES, Texts
from shared.units import units_by_code

IMPORTERS: Final = ("province", "city")
SCHOOL_KINDS: Final = "words.school_kinds."


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One uploaded list: the unit that it is the list of, the file as read, and whether it names every unit below."""

    unit: str
    file_name: str
    listing: Listing
    whole: bool


def listing(grid: list[list[str]] | None, found: str | None, texts: Texts) -> Listing:
    """The rows of a sheet, or why there are none. ``found`` is the reading process's problem."""
    if grid is None:
        return Listing(problem="list-too-large" if found == "roster-too-large" else "list-unreadable")
    return read_lines(grid, headings(texts))


def headings(texts: Texts) -> dict[str, list[str]]:
    """Each column's spellings in both languages; the first of each language is the template's."""
    return {c: [w for lang in LANGUAGES for w in texts.get(lang, f"unitlists.columns.{c}").split("|")] for c in COLUMNS}


async def upload(con: Connection, context: Context, principal: Principal, new: Upload, texts: Texts) -> UnitList:
    """Compare a list with the tree and keep both; the tree stays as it is.

    Problems: 404 out-of-scope, unit-unknown; 422 list-*.
    """
    root = (await known_units(con, [new.unit])).get(new.unit)
    if root is None:
        raise Problem(404, "unit-unknown", unit=new.unit)
    principal.require(root.event.path, *IMPORTERS)
    if new.listing.problem:
        raise problem(texts, 422, new.listing.problem, new.listing.vars)
    preview, _ = await _compared(
        con, root, new.listing.lines, context.now.astimezone(CIVIL).date(), texts, whole=new.whole
    )
    kept = UnitList(
        list_id=str(uuid4()), unit_path=root.event.path, unit_code=new.unit, unit=root.event.names,
        file_name=new.file_name[-200:], whole=new.whole, lines=new.listing.lines, preview=preview,
        uploaded_by_name=principal.name, uploaded_at=context.now, confirmed_by_name=None, confirmed_at=None,
    )  # fmt: skip
    await store.add(con, kept, root.event.unit_id, context.actor)
    return kept


async def _compared(
    con: Connection, root: KnownUnit, lines: Sequence[Line], today: date, texts: Texts, *, whole: bool
) -> tuple[Preview, Tree]:
    codes = sorted({line.code for line in lines} | {line.superior for line in lines})
    known = await store.tree(con, codes, root.event.path, whole=whole)
    kinds = meanings(await store.kinds(con), school_kinds(texts))
    tree = Tree(root=root, units=known, kinds=kinds, today=today)
    held = await store.held(con, restless(lines, tree, whole=whole))
    return compare(lines, tree, held, whole=whole), tree


def school_kinds(texts: Texts) -> dict[str, Names]:
    """The kinds of schools that texts know, by key."""
    keys = [key for key in texts if key.startswith(SCHOOL_KINDS)]
    return {key.removeprefix(SCHOOL_KINDS): Names(*(texts.get(lang, key) for lang in LANGUAGES)) for key in keys}


def kind_names(kinds: Sequence[Meant], texts: Texts) -> dict[str, Names]:
    """The names of kinds, and of kinds of schools, by key."""
    return {m.school_kind or m.kind: m.names for m in meanings(kinds, school_kinds(texts)).values()}


async def superior_names(con: Connection, kept: UnitList) -> dict[str, str]:
    """``code -> name`` of every superior in the preview, on record or new."""
    codes = {code for c in kept.preview.changes for code in (c.superior, c.old_superior)}
    known = await units_by_code(con, sorted(codes))
    return {code: unit.names.zh for code, unit in known.items()} | {c.code: c.name for c in kept.preview.changes}


async def confirm(
    con: Connection, context: Context, principal: Principal, list_id: str, texts: Texts
) -> dict[str, Any]:
    """Do what the preview shows, all of it, or nothing where the tree has changed under it.

    Problems: 404 out-of-scope; 409 list-confirmed, list-empty-handed, list-outdated (one error per unit that differs).
    """
    await hold_tree(con)
    await store.hold(con, list_id)
    kept = await found(con, list_id)
    principal.require(kept.unit_path, *IMPORTERS)
    if kept.confirmed_at is not None:
        raise Problem(409, "list-confirmed", at=kept.confirmed_at, by=kept.confirmed_by_name)
    if not kept.preview.changes:
        raise Problem(409, "list-empty-handed")
    root = (await known_units(con, [kept.unit_code]))[kept.unit_code]
    today = context.now.astimezone(CIVIL).date()
    now, tree = await _compared(con, root, kept.lines, today, texts, whole=kept.whole)
    if changed := differences(kept.preview.changes, now.changes):
        raise _outdated(changed, texts)
    await _write(con, context, now.changes, tree)
    await store.confirm(con, list_id, principal.name, context.now)
    return {"list_id": list_id, **counts(now.changes)}


async def _write(con: Connection, context: Context, changes: Sequence[Change], tree: Tree) -> None:
    told = events(changes, tree, {c.code: str(uuid4()) for c in changes if c.what == "added"})
    await save_units(con, context, tree.units, told)
    await store.move_contacts(con, changes, {e.code: e for e in told})


def _outdated(changed: Sequence[Difference], texts: Texts) -> Problem:
    def words(d: Difference) -> dict[str, Any]:
        return {"unit": d.code, "name": d.name, "then": _what(texts, d.then), "now": _what(texts, d.now)}

    errors = [{"unit": d.code, **said(texts, "list-differs", words(d))} for d in changed]
    return Problem(409, "list-outdated", errors=errors, count=len(errors))


def _what(texts: Texts, what: str | None) -> Names:
    return Names(*(texts.get(lang, f"unitlists.what.{what or 'none'}") for lang in LANGUAGES))


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many units are added, renamed, moved, taken back and ended."""
    return {what: sum(c.what == what for c in changes) for what in ("added", "renamed", "moved", "resumed", "ended")}


async def found(con: Connection, list_id: str) -> UnitList:
    """The list, if the connection may see it. Problem 404 out-of-scope."""
    kept = await store.find(con, list_id)
    if kept is None:
        raise Problem(404, "out-of-scope")
    return kept
