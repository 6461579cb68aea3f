"""Writes down the contract: ``python -m tests.contract.snapshots`` after an event was added or got a field.

``schemas/<type>.json`` keeps every revision of a type's JSON Schema, the present one last; ``corpus/<type>.jsonl`` keeps payloads of
every revision. Both only grow. A change that old readers or old data don't survive is refused: it needs a new
major version of the type (``….v2``) beside the old one.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from shared.events import EVENTS, PRODUCER_OF, Event
from tests.contract.compatibility import Schema, breaks
from tests.contract.samples import encode, payloads

COMMAND = "python -m tests.contract.snapshots"
HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
CORPUS = HERE / "corpus"


def present(event: type[Event]) -> Schema:
    """The schema as the code has it, without words, so that a better sentence is no revision."""
    schema: Schema = _without_words(msgspec.json.schema(event))
    return schema


def _without_words(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_words(v) for k, v in node.items() if k != "description"}
    return [_without_words(v) for v in node] if isinstance(node, list) else node


def frame(event: type[Event]) -> dict[str, str]:
    """What must never change at all."""
    return {"type": event.type, "topic": event.topic, "stream": event.stream_field, "producer": PRODUCER_OF[event.type]}


def stored(name: str) -> dict[str, Any]:
    """The snapshot of a type; empty when there is none."""
    file = SCHEMAS / f"{name}.json"
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return loaded


def corpus(name: str) -> list[bytes]:
    """All payloads of a type that were ever written down."""
    file = CORPUS / f"{name}.jsonl"
    return file.read_bytes().splitlines() if file.exists() else []


def faults(event: type[Event]) -> list[str]:
    """Why the present code may not follow what is written down."""
    kept = stored(event.type)
    if not kept:
        return []
    changed = [f"{k}: {kept[k]} became {v}" for k, v in frame(event).items() if kept[k] != v]
    return changed + [fault for revision in kept["revisions"] for fault in breaks(revision, present(event))]


def write(event: type[Event]) -> bool:
    """Write down the present revision of a type; False when it is there already."""
    revisions = stored(event.type).get("revisions", [])
    if revisions and revisions[-1] == present(event):
        return False
    kept = {**frame(event), "revisions": [*revisions, present(event)]}
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    (SCHEMAS / f"{event.type}.json").write_text(text + "\n", "utf-8")
    lines = corpus(event.type)
    lines += [line for line in map(encode, payloads(event)) if line not in lines]
    (CORPUS / f"{event.type}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return True


def main() -> int:
    """Write down all; refuse all when one change is not allowed."""
    refused = {name: found for name, event in EVENTS.items() if (found := faults(event))}
    for name, found in refused.items():
        sys.stderr.write(f"{name}: refused, needs a new major version\n" + "".join(f"  {f}\n" for f in found))
    if refused:
        return 1
    for name, event in EVENTS.items():
        if write(event):
            sys.stdout.write(f"written down: {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
