"""Which table is asked for: a ranking of the policy, at a level, by a measure, over a group or project."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from shared.policy import Policy, lookup
from shared.policy.catalogue import Group, Project
from shared.policy.tables import Formula, Ranking

INSTITUTION: Final = "institution"


class Unknown(Exception):  # noqa: N818  (a question without an answer is no fault)
    """What was asked for is not there; ``code`` is that of a problem, ``details`` are its variables."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Programme(msgspec.Struct, frozen=True):
    """A published programme year as tables need it."""

    key: str
    revision: int
    issuer_path: str
    policy: Policy


class Begun(msgspec.Struct, frozen=True):
    """How far a year has come: whether anybody is selected, and whether anybody was expected at a check-in."""

    key: str
    selected: bool
    expected: bool


def present(years: Sequence[Begun]) -> str | None:
    """The year that is opened first, on the front page and on a dashboard alike; ``years`` come newest first.

    The newest in which somebody was expected, for rates exist from then on; before that the newest with people, else the newest.
    """
    return max(years, key=lambda y: (y.expected, y.selected)).key if years else None


class Choice(msgspec.Struct, frozen=True):
    """What to draw: a ranking of the policy at a level, by one of its measures, over one project or group."""

    programme: Programme
    scope: str
    projects: tuple[str, ...]
    ranking: Ranking
    level: str
    formula: Formula

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that can be ranked, top first: those below the issuer's own, then institutions if they are ranked."""
        policy = self.programme.policy
        ranked = {r.ranked.level for r in policy.rankings}
        return (*(lv.key for lv in policy.units.levels[1:]), *({INSTITUTION} & ranked))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Those that give a rank, then those that stand beside."""
        return tuple(lookup.formula(self.programme.policy, k) for k in (*self.ranking.by, *self.ranking.beside))


def choose(programme: Programme, scope: str, level: str | None, measure: str | None) -> Choice:
    """Resolve what was asked for; what is not said is the policy's first.

    Errors: Unknown project-unknown, level-unknown, measure-unknown, left-out.
    """
    policy = programme.policy
    projects = [p.key for p in policy.projects if scope in (p.key, p.group)]
    if not projects:
        raise Unknown("project-unknown", project=scope)
    ranking = _fitting(policy, projects, level)
    if ranking is None:
        raise Unknown("level-unknown", level=level or "")
    if measure is not None and measure not in ranking.by:
        raise Unknown("measure-unknown", measure=measure)
    choice = _choice(programme, scope, projects, ranking, level, measure)
    if choice.level not in choice.levels:
        raise Unknown("level-unknown", level=choice.level)
    if not choice.projects:
        raise Unknown("left-out", project=scope)
    return choice


def of_whole_year(programme: Programme, level: str) -> Choice | None:
    """A level's table over all projects of a year; None for a year that does not rank this level."""
    projects = [p.key for p in programme.policy.projects]
    ranking = _fitting(programme.policy, projects, level)
    if ranking is None:
        return None
    choice = _choice(programme, "", projects, ranking, level)
    return choice if level in choice.levels and choice.projects else None


def of_rankings(programme: Programme, keys: Collection[str]) -> list[Choice]:
    """The tables of some rankings, each over every group or project that it is drawn within."""
    policy = programme.policy
    found = []
    for ranking in (r for r in policy.rankings if r.key in keys):
        for field in policy.groups if ranking.within == "group" else policy.projects:
            projects = [p.key for p in policy.projects if field.key in (p.key, p.group)]
            found.append(_choice(programme, field.key, projects, ranking))
    return [c for c in found if c.projects]


def fields(policy: Policy) -> list[Group | Project]:
    """What tables are drawn over: each group of several projects, then each project."""
    groups = [g for g in policy.groups if sum(p.group == g.key for p in policy.projects) > 1]
    return [*groups, *policy.projects]


def _choice(
    programme: Programme, scope: str, projects: Sequence[str], ranking: Ranking, level: str | None = None,
    measure: str | None = None,
) -> Choice:  # fmt: skip
    left_out = ranking.leave_out.projects if ranking.leave_out else ()
    drawn = tuple(p for p in projects if p not in left_out)
    formula = lookup.formula(programme.policy, measure or ranking.by[0])
    return Choice(programme, scope, drawn, ranking, level or ranking.ranked.level, formula)


def _fitting(policy: Policy, projects: Sequence[str], level: str | None) -> Ranking | None:
    """The policy's ranking for a level: of institutions, or of units (its own if there is one).

    Where no level is asked for, units come before institutions, and a ranking that leaves the projects out comes last.
    """
    wanted = [r for r in policy.rankings if level is None or (r.ranked.level == INSTITUTION) == (level == INSTITUTION)]
    elsewhere = [r for r in wanted if level is not None and r.ranked.level != level]
    return min(
        wanted,
        key=lambda r: (r in elsewhere, _leaves_out(r, projects), r.ranked.level == INSTITUTION),
        default=None,
    )


def _leaves_out(ranking: Ranking, projects: Sequence[str]) -> bool:
    return ranking.leave_out is not None and set(projects) <= set(ranking.leave_out.projects)
