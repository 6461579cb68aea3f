"""Who counts in tables, in which units and classes, and what was handed in and scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .streams import Body, History, newest

Steps = Mapping[str, Body]


@dataclass(frozen=True)
class Facts:
    """What all streams tell together."""

    years: list[Body]
    units: dict[str, Body]
    cells: dict[str, Body]
    places: list[Steps]
    classes: list[Body]
    papers: list[Body]
    scores: list[Body]

    def at_level(self, path: str, level: str) -> str:
        """The unit of a level on a path, ``""`` where there is none."""
        return next((u for u in path.split("/") if u and self.units[u]["level"] == level), "")

    def places_of(self, year: str, projects: list[str]) -> list[Steps]:
        """The places of some projects of a year."""
        chosen = [(p, p["trainee.selected"]) for p in self.places]
        return [p for p, s in chosen if s["policy_key"] == year and s["project"] in projects]


def gather(histories: list[History]) -> Facts:
    """The facts, without places that count nowhere (L13)."""
    told = [newest(h) for h in histories]

    def of(kind: str) -> list[Body]:
        return [steps[kind] for steps in told if kind in steps]

    cancelled = {body["class_id"] for body in of("class.cancelled")}
    replaced = {body.get("substitute_for") for body in of("trainee.selected")}
    classes = [dated(steps) for steps in told if "class.scheduled" in steps]
    return Facts(
        years=of("programme.published"),
        units={body["unit_id"]: body for body in of("unit.registered")},
        cells={body["cell_id"]: body for body in of("quota.allocated")},
        places=[s for s, h in zip(told, histories, strict=True) if counts(s, h, cancelled, replaced)],
        classes=[body for body in classes if body["class_id"] not in cancelled],
        papers=[h[0][1] for h in histories if h[0][0] == "training.document.submitted.v1"],
        scores=of("inspection.scored"),
    )


def counts(steps: Steps, history: History, cancelled: set[str], replaced: set[Any]) -> bool:
    """Whether a stream is a trainee's place that nobody took away before check-in closed, of a class that was not cancelled."""
    chosen = steps.get("trainee.selected")
    if chosen is None or chosen["cohort_kind"] != "trainee" or chosen["place_id"] in replaced:
        return False
    held = steps.get("trainee.assigned", {}).get("class_id") not in cancelled
    return held and ("trainee.expected" in steps or not revoked(history))


def revoked(history: History) -> bool:
    """Whether a place was taken from its holder, by a ban or for a substitute, and not given back since."""
    turns = [kind.split(".")[2] for kind, _ in history if kind.startswith("training.trainee.re")]
    return [t for t in turns if t in {"revoked", "replaced", "restored"}][-1:] in (["revoked"], ["replaced"])


def dated(steps: Steps) -> Body:
    """A class with the dates that were announced last."""
    kinds = ("class.rescheduled", "class.opened", "class.scheduled")
    last = max((steps[kind] for kind in kinds if kind in steps), key=lambda body: body["date_version"])
    return {**steps["class.scheduled"], "starts_on": last["starts_on"], "ends_on": last["ends_on"]}
