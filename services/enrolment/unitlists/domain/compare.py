"""A list against the tree: what each row changes, and why a row can't be taken. All mistakes of a list are told at once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from services.enrolment.rosters.domain import normalise
from services.enrolment.unitlists.domain.changes import ORDER, Change
from services.enrolment.unitlists.domain.table import Line
from services.enrolment.unitlists.domain.tree import Held, Meant, Tree

CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
LONGEST_NAME: Final = 80


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row is left out: a problem code and its values."""

    row: int
    code: str
    name: str
    problem: str
    vars: dict[str, Any] = {}


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What confirming would change, how many units stay as they are, and the rows to correct.

    Nothing ends while a row is faulty: the row may stand for the very unit that seems to be missing.
    """

    changes: list[Change]
    unchanged: int
    faults: list[Fault]


def compare(lines: Sequence[Line], tree: Tree, held: Mapping[str, Held], *, whole: bool) -> Preview:
    """Compare a list with the tree; ``whole``: units of the subtree that are missing from it end.

    ``held`` tells what hangs on the units of ``restless``.
    """
    reader = _Reader(lines, tree, held, whole=whole)
    faults = [f for line in lines for f in reader.faults(line)]
    bad = {f.row for f in faults}
    changes = [c for line in lines if line.row not in bad and (c := reader.change(line))]
    unchanged = sum(line.row not in bad for line in lines) - len(changes)
    ends = [] if faults else [_ended(code, tree, held) for code in _missing(lines, tree, whole=whole)]
    return Preview(changes=sorted([*changes, *ends], key=_order), unchanged=unchanged, faults=faults)


def restless(lines: Sequence[Line], tree: Tree, *, whole: bool) -> list[str]:
    """Codes of units on record that the list would move or end: what hangs on them has to be looked up."""
    moving = {ln.code for ln in lines if tree.below(ln.code) and tree.superior_of(ln.code) != ln.superior}
    return sorted(moving | set(_missing(lines, tree, whole=whole)))


def _order(change: Change) -> tuple[int, str]:
    return ORDER.index(change.what), change.code


def _missing(lines: Sequence[Line], tree: Tree, *, whole: bool) -> list[str]:
    """Units of the subtree that the whole list does not name; institutions stand outside the levels and in no such list."""
    named = {line.code for line in lines}
    kept = (c for c, k in tree.units.items() if k.event.level is not None and c not in named)
    return [code for code in kept if tree.below(code) and not tree.ended(code)] if whole else []


def _ended(code: str, tree: Tree, held: Mapping[str, Held]) -> Change:
    event, hangs = tree.units[code].event, held.get(code, Held())
    return Change(
        what="ended", code=code, name=event.names.zh, kind=event.kind, superior=tree.superior_of(code), level=event.level,
        school_kind=event.school_kind, rural=event.rural, people=hangs.people, places=hangs.places,
    )  # fmt: skip


class _Reader:
    """The rows of one list, each seen beside the others."""

    def __init__(self, lines: Sequence[Line], tree: Tree, held: Mapping[str, Held], *, whole: bool) -> None:
        self._tree, self._held, self._whole = tree, held, whole
        self._first: dict[str, Line] = {}
        self._found: dict[int, list[Fault]] = {}
        for line in lines:
            self._first.setdefault(line.code, line)

    def faults(self, line: Line) -> list[Fault]:
        """Every reason against a row; superiors that stand in the list are judged before those below them."""
        waiting, above = {line.row: line}, self._above(line)
        while above is not None and above.row not in self._found and above.row not in waiting:
            waiting[above.row] = above
            above = self._above(above)
        for one in reversed(waiting.values()):
            if one.row not in self._found:
                said = list(self._typed(one)) or list(self._placed(one))
                self._found[one.row] = [
                    Fault(row=one.row, code=one.code, name=one.name, problem=p, vars=v) for p, v in said
                ]
        return self._found[line.row]

    def _above(self, line: Line) -> Line | None:
        return None if self._tree.is_root(line.superior) else self._first.get(line.superior)

    def _typed(self, line: Line) -> Iterator[tuple[str, dict[str, Any]]]:
        """Mistakes that the row shows by itself."""
        if not CODE.fullmatch(line.code):
            yield ("unit-code-invalid" if line.code else "unit-code-missing"), {"value": line.code}
        elif self._first[line.code].row != line.row:
            yield "unit-code-twice", {"first_row": self._first[line.code].row}
        if not line.name:
            yield "unit-name-missing", {}
        elif len(line.name) > LONGEST_NAME:
            yield "unit-name-long", {"length": len(line.name), "most": LONGEST_NAME}
        if normalise(line.kind) not in self._tree.kinds:
            yield "unit-kind-unknown", {"value": line.kind or "—", "kinds": self._kinds()}
        if not line.superior:
            yield "unit-superior-missing", {}

    def _kinds(self) -> dict[str, str]:
        """What may stand in the column, in both languages: kinds of lower levels, and institutions."""
        root = self._tree.depth(self._tree.root.event.kind) or 0
        names = {m.names.zh: m.names.en for m in self._tree.kinds.values() if m.depth is None or m.depth > root}
        return {"zh": " / ".join(names), "en": " / ".join(names.values())}

    def _placed(self, line: Line) -> Iterator[tuple[str, dict[str, Any]]]:
        """Why the row's unit can't stand where it is put."""
        root = self._tree.root.event
        if self._tree.is_root(line.code) or (line.code in self._tree.units and not self._tree.below(line.code)):
            yield "unit-elsewhere", {"unit": root.names}
        elif problem := self._superior(line):
            yield problem
        elif (was := self._tree.units.get(line.code)) and was.event.level != self._meant(line).level:
            yield "unit-level-changed", {"level": [was.event.level or "—"]}
        elif problem := self._shallow(line) or self._in_use(line):
            yield problem

    def _superior(self, line: Line) -> tuple[str, dict[str, Any]] | None:
        row, above, said = self._above(line), line.superior, {"superior": line.superior}
        if self._tree.is_root(above) or self._good(row):
            return None
        if row is not None and not self._tree.below(above):
            return ("unit-superior-faulty", {**said, "row": row.row})
        if above not in self._tree.units:
            return "unit-superior-unknown", said
        if not self._tree.below(above):
            return "unit-superior-elsewhere", {**said, "unit": self._tree.root.event.names}
        if self._tree.ended(above):
            return "unit-superior-ended", said
        return ("unit-superior-left-out", said) if self._whole and row is None else None

    def _good(self, row: Line | None) -> bool:
        """Whether a row of the list is faultless; one that is not judged yet stands in a circle."""
        return row is not None and self._found.get(row.row) == []

    def _shallow(self, line: Line) -> tuple[str, dict[str, Any]] | None:
        """A unit hangs under a higher level than its own; an institution under any level."""
        above = self._depth_of(line.superior)
        own = self._meant(line).depth
        if above is None or (own is not None and own <= above):
            return "unit-superior-too-low", {"superior": line.superior, "kind": line.kind}
        return None

    def _depth_of(self, code: str) -> int | None:
        row = self._first.get(code)
        if row and self._good(row):
            return self._meant(row).depth
        known = self._tree.root if self._tree.is_root(code) else self._tree.units[code]
        return self._tree.depth(known.event.kind)

    def _in_use(self, line: Line) -> tuple[str, dict[str, Any]] | None:
        """The path of a unit stands in everything that hangs on it, so only a bare unit moves under its code."""
        if not self._tree.below(line.code) or self._tree.superior_of(line.code) == line.superior:
            return None
        if self._meant(line).depth is None:
            return "superior-changed", {"unit": line.code, "other": line.superior}
        held = self._held.get(line.code, Held())
        return ("unit-in-use", msgspec.structs.asdict(held)) if held.anything else None

    def _meant(self, line: Line) -> Meant:
        return self._tree.kinds[normalise(line.kind)]

    def change(self, line: Line) -> Change | None:
        """What a faultless row changes; None where everything is on record already."""
        meant = self._meant(line)
        new = Change(what="added", code=line.code, name=line.name, kind=meant.kind, superior=line.superior,
                     level=meant.level, school_kind=meant.school_kind, rural=meant.rural)  # fmt: skip
        return self._against_record(new) if line.code in self._tree.units else new

    def _against_record(self, new: Change) -> Change | None:
        was, above = self._tree.units[new.code].event, self._tree.superior_of(new.code)
        if new.school_kind is None and new.kind == was.kind:
            new = msgspec.structs.replace(new, school_kind=was.school_kind, rural=was.rural)
        old = {
            "old_name": was.names.zh if was.names.zh != new.name else "",
            "old_kind": (was.school_kind or was.kind) if _kind(new) != (was.kind, was.school_kind, was.rural) else "",
            "old_superior": above if above != new.superior else "",
        }
        what = "moved" if old["old_superior"] else "resumed" if self._tree.ended(new.code) else "renamed"
        if what == "renamed" and not any(old.values()):
            return None
        return msgspec.structs.replace(new, what=what, **old)


def _kind(change: Change) -> tuple[str, str | None, bool]:
    return change.kind, change.school_kind, change.rural
