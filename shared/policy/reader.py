"""The strict YAML reader: nodes with lines, no anchors, no aliases, no tags, no key twice, plain scalars as text."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from shared.policy.errors import Finding, Value, word
from shared.policy.nodes import Mapping, Node, Scalar, Sequence

DEEPEST: Final = 40
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, ten times faster with libyaml


class UnreadableError(Exception):
    """The text is not a file of this kind at all; nothing after ``finding`` was read."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def _refuse(line: int, reason: str, **values: Value) -> UnreadableError:
    zh, en = (text.format(**values) for text in word("reasons", reason))
    return UnreadableError(Finding("P001", "", {"reason": (zh, en)}, line))


class _Builder:
    """Builds nodes from parser events; the YAML library's own composer would hide aliases and double keys."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._depth = 0

    def document(self) -> Node:
        next(self._events)  # stream start
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            raise _refuse(1, "empty")
        node = self._node(next(self._events))
        next(self._events)  # document end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _refuse(after.start_mark.line + 1, "second_document")
        return node

    def _node(self, event: Any) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _refuse(line, "anchor", name=event.anchor)
        if event.tag is not None:
            raise _refuse(line, "tag", name=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, not event.style, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self._until(yaml.SequenceEndEvent)), line)
        return self._mapping(line)

    def _until(self, end: type) -> Iterator[Node]:
        self._depth += 1
        while not isinstance(event := next(self._events), end):
            if self._depth > DEEPEST:
                raise _refuse(event.start_mark.line + 1, "deep")
            yield self._node(event)
        self._depth -= 1

    def _mapping(self, line: int) -> Mapping:
        parts = list(self._until(yaml.MappingEndEvent))
        seen: set[str] = set()
        for key in parts[::2]:
            if not isinstance(key, Scalar):
                raise _refuse(key.line, "complex_key")
            if key.text in seen:
                raise _refuse(key.line, "twice", name=key.text)
            seen.add(key.text)
        names = [key for key in parts[::2] if isinstance(key, Scalar)]
        return Mapping(tuple(zip(names, parts[1::2], strict=True)), line)


def read(text: str) -> Mapping:
    """The file's top mapping; raises ``UnreadableError`` (P001) where the text can't be read."""
    try:
        node = _Builder(yaml.parse(text, Loader=LOADER)).document()
    except yaml.reader.ReaderError as error:
        raise _refuse(text.count("\n", 0, error.position) + 1, "character") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refuse((mark.line if mark else 0) + 1, "syntax", problem=str(error.problem)) from error
    if not isinstance(node, Mapping):
        raise _refuse(node.line, "no_mapping")
    return node
