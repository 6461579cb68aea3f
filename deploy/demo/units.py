"""The units of the province's file, and invented ones beside them."""

import json
from collections.abc import Collection, Sequence
from typing import Any, Final

import yaml

from deploy.demo.stage import POLICIES

UNITS: Final[dict[str, Any]] = yaml.safe_load((POLICIES / "units-henan.yaml").read_text("utf-8"))


def unit(code: str, kind: str, above: str, named: dict[str, str], **more: Any) -> dict[str, Any]:
    """One invented unit."""
    return {"code": code, "system": "own", "kind": kind, "reports_to": above, "names": named, "synthetic": True, **more}  # fmt: skip


def file_of(invented: Sequence[dict[str, Any]], known: Collection[str]) -> str:
    """A units file of invented units, with the ``known`` ones that they hang under; JSON is YAML with every text in quotes."""
    above = [u for u in UNITS["units"] if u["code"] in known]
    return json.dumps({**UNITS, "units": [*above, *invented], "lists": []}, default=str)
