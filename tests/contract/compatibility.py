"""Whether two revisions of a payload's JSON Schema can read each other's data. Pure; knows what msgspec writes."""

import json
from typing import Any

Schema = dict[str, Any]
IGNORED = {"title", "description", "default"}


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a reader of one revision would not understand of data of the other; empty when both read both."""
    return _compare("", _target(old, old), _target(new, new), old, new)


def _compare(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> list[str]:
    if "properties" in old and "properties" in new:
        return _compare_objects(path, old, new, old_root, new_root)
    if _shape(old, old_root) != _shape(new, new_root):
        return [f"{path}: {_shape(old, old_root)} became {_shape(new, new_root)}"]
    if isinstance(old.get("items"), dict):
        return _compare(
            f"{path}[]", _target(old["items"], old_root), _target(new["items"], new_root), old_root, new_root
        )
    return []


def _compare_objects(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> list[str]:
    before, after = old["properties"], new["properties"]
    needed_before, needed_after = set(old.get("required", [])), set(new.get("required", []))
    found = [f"{path}.{name} was removed" for name in before if name not in after]
    found += [
        f"{path}.{name} is new but has no default" for name in after if name not in before and name in needed_after
    ]
    for name in before.keys() & after.keys():
        if (name in needed_before) != (name in needed_after):
            found.append(f"{path}.{name} is required in one and not in the other")
        found += _compare(
            f"{path}.{name}", _target(before[name], old_root), _target(after[name], new_root), old_root, new_root
        )
    return sorted(found)


def _shape(schema: Schema, root: Schema) -> Schema:
    """The schema without words and without what is compared by itself."""
    kept = {k: v for k, v in schema.items() if k not in IGNORED | {"properties", "required", "items", "$defs"}}
    if "anyOf" in kept:
        kept["anyOf"] = sorted(json.dumps(_shape(_target(s, root), root), sort_keys=True) for s in kept["anyOf"])
    return kept


def _target(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema
