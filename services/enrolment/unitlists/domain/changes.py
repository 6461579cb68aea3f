"""What a list changes, how two comparisons differ, and the events of a confirmed one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from services.enrolment.unitlists.domain.tree import Tree
from shared.events.base import Names
from shared.events.enrolment import UnitRegistered

What = Literal["added", "renamed", "moved", "resumed", "ended"]
ORDER: Final[tuple[What, ...]] = ("added", "renamed", "moved", "resumed", "ended")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that would be added, renamed, moved, taken back or ended. Names are those after the change.

    ``old_name``, ``old_kind`` and ``old_superior`` stand only where they differ; ``people`` and ``places`` are what hangs
    on a unit that ends.
    """

    what: What
    code: str
    name: str
    kind: str
    superior: str
    level: str | None = None
    school_kind: str | None = None
    rural: bool = False
    old_name: str = ""
    old_kind: str = ""
    old_superior: str = ""
    people: int = 0
    places: int = 0


class Difference(msgspec.Struct, frozen=True):
    """A unit for which two comparisons of the same list give different changes; None: nothing to do."""

    code: str
    name: str
    then: What | None
    now: What | None


def differences(then: Sequence[Change], now: Sequence[Change]) -> list[Difference]:
    """Where the tree has changed under a preview; empty when confirming does exactly what was shown."""
    old, new = {c.code: c for c in then}, {c.code: c for c in now}
    codes = sorted(code for code in old.keys() | new.keys() if old.get(code) != new.get(code))
    return [
        Difference(code, (new.get(code) or old[code]).name, _what(old.get(code)), _what(new.get(code)))
        for code in codes
    ]


def _what(change: Change | None) -> What | None:
    return change.what if change else None


def events(changes: Sequence[Change], tree: Tree, ids: Mapping[str, str]) -> list[UnitRegistered]:
    """The events of the changes, superiors first; ``ids`` gives an id for each code that is added.

    An ended unit's last day is today; a unit keeps its id, and its code, through everything else.
    """
    by_code = {c.code: c for c in changes}
    made: dict[str, UnitRegistered] = {}
    for code in by_code:
        _make(code, by_code, tree, ids, made)
    return list(made.values())


def _make(
    code: str, changes: Mapping[str, Change], tree: Tree, ids: Mapping[str, str], made: dict[str, UnitRegistered]
) -> UnitRegistered:
    if code in made or code not in changes:
        return made.get(code) or (tree.root.event if tree.is_root(code) else tree.units[code].event)
    change = changes[code]
    superior = _make(change.superior, changes, tree, ids, made)
    made[code] = (
        _added(change, superior, ids[code], tree.today) if change.what == "added" else _changed(change, superior, tree)
    )
    return made[code]


def _added(change: Change, superior: UnitRegistered, unit_id: str, today: date) -> UnitRegistered:
    return UnitRegistered(
        unit_id=unit_id,
        code=change.code,
        kind=change.kind,
        level=change.level,
        parent_id=superior.unit_id,
        path=f"{superior.path}{unit_id}/",
        names=Names(change.name, change.name),
        school_kind=change.school_kind,
        rural=change.rural,
        valid_from=today,
    )


def _changed(change: Change, superior: UnitRegistered, tree: Tree) -> UnitRegistered:
    before = tree.units[change.code].event
    return msgspec.structs.replace(
        before,
        kind=change.kind,
        parent_id=superior.unit_id,
        path=f"{superior.path}{before.unit_id}/",
        names=before.names if before.names.zh == change.name else Names(change.name, change.name),
        school_kind=change.school_kind,
        rural=change.rural,
        valid_until=tree.today if change.what == "ended" else None if change.what == "resumed" else before.valid_until,
    )
