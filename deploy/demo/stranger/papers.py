"""What an institution owes on paper, until when, and what came in time."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .streams import Body


def owed(
    policy: Body, document: Body, projects: list[str], classes: Sequence[Body], handed: Sequence[Body], as_of: datetime
) -> Iterator[tuple[int, int]]:
    """For each occasion of a document: how many copies are due or came, and how many of these came in time."""
    if document["owed_by"] != "institution" or document["accept"] == ["entry"] or not document.get("due"):
        return
    asked = [p for p in projects if p in document.get("projects", projects)]
    for group in occasions(document["per"], [c for c in classes if c["project"] in asked]):
        copies = document["count"].get("min", document["count"].get("max", 0))
        came = sorted((h for h in handed if belongs(document, h, group)), key=lambda h: h["submitted_at"])[:copies]
        passed = deadline(policy, document["due"], group) < as_of
        yield copies if passed else len(came), sum(h["on_time"] for h in came)


def occasions(per: str, classes: list[Body]) -> list[list[Body]]:
    """The classes for which it is owed once: each one, those of a project, or all."""
    if per in {"class", "period"}:
        return [[c] for c in classes]
    keys = sorted({c["project"] if per == "project" else "" for c in classes})
    return [[c for c in classes if key in ("", c["project"])] for key in keys]


def belongs(document: Body, handed: Body, group: list[Body]) -> bool:
    """Whether something that was handed in is this document for these classes."""
    name = "class_id" if document["per"] in {"class", "period"} else "project"
    return handed["document"] == document["key"] and handed[name] in {c[name] for c in group}


def deadline(policy: Body, key: str, classes: list[Body]) -> datetime:
    """The last second of a day: one that is named, or so many days from the first or last day of the classes."""
    due = next(entry["due"] for entry in policy["deadlines"] if entry["key"] == key)
    day = date.fromisoformat(due["date"]) if "date" in due else anchored(due, classes)
    last = day if policy["calendar"]["day_end"] == "inclusive" else day - timedelta(days=1)
    return datetime.combine(last, time(23, 59, 59), ZoneInfo(policy["calendar"]["timezone"]))


def anchored(due: Body, classes: list[Body]) -> date:
    """The day that lies so many calendar days from an anchor."""
    first, end = min(c["starts_on"] for c in classes), max(c["ends_on"] for c in classes)
    days = due["before"]["calendar_days"] * -1 if "before" in due else due["after"]["calendar_days"]
    return date.fromisoformat(first if due["anchor"] == "class_start" else end) + timedelta(days=days)
