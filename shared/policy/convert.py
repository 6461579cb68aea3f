"""From nodes to structs, driven by the structs' own annotations. Collects every mistake instead of the first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, get_args

from msgspec.structs import FieldInfo

from shared.policy.common import Count, Provenance, Text
from shared.policy.errors import Finding, Value, word
from shared.policy.nodes import Mapping, Node, Scalar, Sequence, blank, label_of, shown, written
from shared.policy.scalars import UnfitError, read_scalar
from shared.policy.shapes import Option, allowed, fields_of, nullable, options

BAD: Final = object()  # stands for a value that could not be read; its finding is recorded
INTERNAL: Final = {"notes", "sha256"}  # fields that no file writes
PROVENANCE: Final = frozenset(Provenance.__struct_fields__)  # allowed everywhere, so no message lists them


@dataclass(frozen=True)
class Reference:
    """A name that must exist in ``table``; ``missing`` is the error code when it doesn't."""

    table: str
    name: str
    missing: str
    path: str


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


@dataclass
class Converter:
    """One run over one file. ``lines`` maps each path to its line, ``references`` holds the names to look up."""

    findings: list[Finding] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)

    def convert(self, node: Node, expected: Any, path: str = "") -> Any:
        """The value of the expected type, or ``BAD``."""
        self.lines[path] = node.line
        if isinstance(node, Scalar) and node.is_null and nullable(expected):
            return None
        members = options(expected)
        if isinstance(node, Mapping):
            return self._mapping(node, members, path)
        if isinstance(node, Sequence):
            return self._list(node, members, path)
        return self._scalar(node, members, path)

    def _find(self, code: str, path: str, line: int, **values: Value) -> Any:
        self.findings.append(Finding(code, path, values, line))
        return BAD

    def _refuse(self, node: Node, members: tuple[Option, ...], path: str) -> Any:
        return self._find("P004", path, node.line, value=shown(node), allowed=allowed(members))

    def _scalar(self, node: Scalar, members: tuple[Option, ...], path: str) -> Any:
        if any(member.kind is Count for member in members):
            number = self._scalar(node, (Option(int),), path)
            return number if number is BAD else Count.of(number)
        chosen = next((member for member in members if member.is_scalar), None)
        if chosen is None:
            return self._refuse(node, members, path)
        try:
            value = read_scalar(node, chosen.kind, chosen.extra)
        except UnfitError as unfit:
            return self._find(unfit.code, path, node.line, value=node.text, allowed=unfit.allowed)
        if "ref" in chosen.extra:
            self.references.append(Reference(chosen.extra["ref"], value, chosen.extra["missing"], path))
        return value

    def _list(self, node: Sequence, members: tuple[Option, ...], path: str) -> Any:
        chosen = next((member for member in members if member.is_list), None)
        if chosen is None:
            return self._refuse(node, members, path)
        kind = get_args(chosen.kind)[0]
        paths = [f"{path}[{label_of(item, index)}]" for index, item in enumerate(node.items)]
        self._unique(node, paths)
        values = [self.convert(item, kind, at) for item, at in zip(node.items, paths, strict=True)]
        return BAD if BAD in values else tuple(values)

    def _unique(self, node: Sequence, paths: list[str]) -> None:
        seen: set[str] = set()
        for index, (item, at) in enumerate(zip(node.items, paths, strict=True)):
            if isinstance(item, Mapping) and at in seen:
                self._find("P005", at, item.line, value=label_of(item, index))
            seen.add(at)

    def _mapping(self, node: Mapping, members: tuple[Option, ...], path: str) -> Any:
        structs = [member.kind for member in members if member.is_struct]
        tables = [member.kind for member in members if member.is_table]
        if tables:
            return self._table(node, tables[0], path)
        if not structs:
            return self._refuse(node, members, path)
        chosen = self._tagged(node, structs, path) if len(structs) > 1 else structs[0]
        return chosen if chosen is BAD else self._struct(node, chosen, path)

    def _table(self, node: Mapping, kind: Any, path: str) -> Any:
        key_kind, value_kind = get_args(kind)
        pairs = [
            (self.convert(key, key_kind, at), self.convert(value, value_kind, at))
            for key, value in node.entries
            for at in [_join(path, key.text)]
        ]
        return BAD if any(BAD in pair for pair in pairs) else dict(pairs)

    def _tagged(self, node: Mapping, structs: list[Any], path: str) -> Any:
        name = structs[0].__struct_config__.tag_field
        tag = node.get(name)
        by_tag = {struct.__struct_config__.tag: struct for struct in structs}
        if tag is None:
            return self._find("P003.value", path, node.line, key=name)
        if not isinstance(tag, Scalar) or tag.text not in by_tag:
            return self._find("P004", _join(path, name), tag.line, value=shown(tag), allowed=", ".join(by_tag))
        return by_tag[tag.text]

    def _struct(self, node: Mapping, struct: Any, path: str) -> Any:
        fields = {info.encode_name: info for info in fields_of(struct) if info.name not in INTERNAL}
        before = len(self.findings)
        values = self._fields(node, fields, struct, path)
        meant = {finding.values.get("near") for finding in self.findings[before:] if finding.code == "P002.near"}
        self._missing(node, [info for info in fields.values() if info.encode_name not in meant], struct, path)
        if values.get("assumed") is True and not values.get("because"):
            self._find("P009", path, node.line)
        if len(self.findings) > before:
            return BAD
        try:
            return struct(**values)
        except ValueError:
            return self._find("P007", path, node.line, value=written(node), allowed=word("kinds", "one_unit"))

    def _fields(self, node: Mapping, fields: dict[str, FieldInfo], struct: Any, path: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        notes: dict[str, Any] = {}
        for key, value in node.entries:
            at = _join(path, key.text)
            if struct is Text and blank(value):
                continue  # said once, as a missing language
            if key.text in fields:
                info = fields[key.text]
                values[info.name] = self.convert(value, info.type, at)
            elif key.text.removesuffix("_note") in fields:
                notes[key.text.removesuffix("_note")] = self.convert(value, Provenance, at)
            elif key.text != struct.__struct_config__.tag_field:
                self._unknown(key, fields, at)
        return values | ({"notes": notes} if notes else {})

    def _unknown(self, key: Scalar, fields: Iterable[str], path: str) -> None:
        near = get_close_matches(key.text, list(fields), 1, 0.6)
        if near:
            self._find("P002.near", path, key.line, key=key.text, near=near[0])
        else:
            self._find(
                "P002", path, key.line, key=key.text, known=", ".join(name for name in fields if name not in PROVENANCE)
            )

    def _missing(self, node: Mapping, fields: Iterable[FieldInfo], struct: Any, path: str) -> None:
        for info in fields:
            given = node.get(info.encode_name)
            if struct is Text and info.name in {"zh", "en"} and blank(given):
                self._find("P006", path, node.line, key=_tail(path), lang=word("languages", info.name))
            elif info.required and given is None:
                code = "P003" if nullable(info.type) else "P003.value"
                self._find(code, _join(path, info.encode_name), node.line, key=info.encode_name)


def _tail(path: str) -> str:
    return path.rpartition(".")[2]
