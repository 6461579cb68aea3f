"""The demonstration's accounts: one for each role, without passwords. Teachers are added when the roster is in."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from deploy.demo.words import names


def account(key: str, role: str, **bound: str) -> dict[str, Any]:
    """One line of the choice "who do you enter as?"; ``bound`` is unit=code or person=id."""
    words = {"name": names(f"accounts.{key}.name"), "duty": names(f"accounts.{key}.duty")}
    return {"account": key, "role": role, **words, **bound}


OFFICERS: Final = [
    account("province", "province", unit="410000"),
    account("province-2", "province", unit="410000"),
    account("project-office", "project_office", unit="410000"),
    account("city", "city", unit="410100"),
    account("county", "county", unit="410183"),
    account("school", "school", unit="410183-s001"),
    account("institution", "institution", unit="inst-001"),
    account("inspector", "inspector", unit="410000"),
    account("ops", "ops", unit="410000"),
]


def teacher(index: int, name: str, person_id: str) -> dict[str, Any]:
    """The account of the teacher who has the i-th place."""
    words = {"name": names("accounts.teacher.name", name=name), "duty": names("accounts.teacher.duty")}
    return {"account": f"teacher-{index}", "role": "teacher", **words, "person": person_id}


def write(path: Path, people: list[dict[str, str]], officers: Sequence[dict[str, Any]] = OFFICERS) -> None:
    """Write the accounts; ``people`` are places with ``person_id`` and ``name``."""
    teachers = [teacher(i, p["name"], p["person_id"]) for i, p in enumerate(people)]
    path.write_text(json.dumps([*officers, *teachers], ensure_ascii=False, indent=1) + "\n")
