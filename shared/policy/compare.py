"""What differs between two revisions of a policy, entry by entry over keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.policy.model import Policy

OWN: Final = ("sha256", "policy.revision", "policy.amends")  # differ between any two revisions


@dataclass(frozen=True)
class Change:
    """One entry or value that is new, other or gone; values are those of ``to_dict``, a default value is None."""

    path: str
    kind: Literal["added", "changed", "removed"]
    old: Any
    new: Any


def compare(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every difference, in the order of the old file; the order of keyed entries means nothing."""
    found = _differences("", old.to_dict(), new.to_dict())
    return tuple(change for change in found if not change.path.startswith(OWN))


def _differences(path: str, old: Any, new: Any) -> Iterator[Change]:
    left, right = _entries(path, old), _entries(path, new)
    if old == new:
        return
    if left is None or right is None:
        yield Change(path, "added" if old is None else "removed" if new is None else "changed", old, new)
        return
    for at in [*left, *(at for at in right if at not in left)]:
        yield from _differences(at, left.get(at), right.get(at))


def _entries(path: str, value: Any) -> dict[str, Any] | None:
    """What a mapping or a list of keyed entries holds, by path; None for a plain value or a list without keys."""
    if isinstance(value, dict):
        return {f"{path}.{key}" if path else key: item for key, item in value.items()}
    if isinstance(value, list | tuple) and value and all(isinstance(item, dict) and "key" in item for item in value):
        return {f"{path}[{item['key']}]": item for item in value}
    return None
