"""A key that stands twice in a text file would silently lose one of its texts."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted(
    p
    for folder in ("services", "shared", "deploy")
    for p in (ROOT / folder).rglob("texts.*")
    if p.suffix in {".yaml", ".json"}
)


def doubled(node: yaml.Node | None) -> list[str]:
    """Every key that a mapping has twice."""
    if isinstance(node, yaml.SequenceNode):
        return [key for child in node.value for key in doubled(child)]
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [key.value for key, _ in node.value]
    return [k for k in keys if keys.count(k) > 1] + [key for _, child in node.value for key in doubled(child)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_key_stands_twice(path: Path) -> None:
    assert not doubled(yaml.compose(path.read_text(encoding="utf-8")))
