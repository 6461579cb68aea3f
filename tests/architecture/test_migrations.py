"""A migration leaves what the release before it reads and writes: replicas of both run side by side (docs/operations/upgrade.md)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAKES_AWAY = re.compile(
    r"\bdrop\s+(table|column|view|function|sequence)\b|\brename\b|\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b|\bset\s+not\s+null\b"
    r"|\badd\s+column\s+(?:if\s+not\s+exists\s+)?\w+\s+[\w\[\]()]+(?![^,;]*\bdefault\b)[^,;]*\bnot\s+null\b"
    r"|\brevoke\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"--.*")


def later() -> list[Path]:
    """All but each folder's first file, before which there was nothing."""
    folders = [ROOT / "shared/migrations", *(ROOT / "services").glob("*/migrations")]
    return [file for folder in folders for file in sorted(folder.glob("*.sql"))[1:]]


def taken_away(sql: str) -> list[str]:
    return [m[0] for m in TAKES_AWAY.finditer(COMMENT.sub("", sql))]


def test_no_migration_takes_anything_away() -> None:
    assert later()
    assert {str(f.relative_to(ROOT)): found for f in later() if (found := taken_away(f.read_text()))} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "alter table place drop column note;",
        "drop table place;",
        "alter table place rename to places;",
        "alter table place alter column points type numeric;",
        "alter table place alter column points set data type numeric;",
        "alter table place alter column points set not null;",
        "alter table place add column points int not null;",
        "alter table place add column points int check (points > 0) not null;",
    ],
)
def test_what_an_older_replica_would_not_survive_is_found(sql: str) -> None:
    assert taken_away(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "alter table place add column points int;",
        "alter table place add column points int not null default 0;",
        "alter table place add column points int default 0 not null, add column marks text[];",
        "alter table place drop constraint place_state_check;",
        "-- drop table place;",
    ],
)
def test_what_it_does_not_notice_is_allowed(sql: str) -> None:
    assert not taken_away(sql)
