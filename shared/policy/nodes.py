"""What the reader makes of a file: scalars, sequences and mappings, each with its line."""

from dataclasses import dataclass

from shared.policy.errors import Value, word


@dataclass(frozen=True)
class Scalar:
    """Text as written; ``plain`` means without quotes."""

    text: str
    plain: bool
    line: int

    @property
    def is_null(self) -> bool:
        """Only an unquoted ``null`` is null; an empty value is a mistake."""
        return self.plain and self.text == "null"


@dataclass(frozen=True)
class Sequence:
    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True)
class Mapping:
    entries: tuple[tuple[Scalar, "Node"], ...]
    line: int

    def get(self, key: str) -> "Node | None":
        """The value of a key, or None."""
        return next((node for name, node in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


def label_of(node: Node, index: int) -> str:
    """How a path names an item of a list: its key or code, or its place counted from 1."""
    for name in ("key", "code"):
        key = node.get(name) if isinstance(node, Mapping) else None
        if isinstance(key, Scalar) and key.text:
            return key.text
    return str(index + 1)


def shown(node: Node) -> Value:
    """The node as a message names it."""
    if isinstance(node, Scalar):
        return node.text
    return word("kinds", "mapping" if isinstance(node, Mapping) else "list")


def written(node: Mapping) -> str:
    """A small mapping in one line, as ``anchor: class_start, before: …``."""
    pairs = [(key.text, value.text if isinstance(value, Scalar) else "…") for key, value in node.entries]
    return ", ".join(f"{key}: {value}" for key, value in pairs)


def blank(node: Node | None) -> bool:
    """True where no text was given: absent, null or only spaces."""
    return node is None or (isinstance(node, Scalar) and (node.is_null or not node.text.strip()))
