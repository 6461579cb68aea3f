"""What an amendment may not change any more (P091, P120): a table of what has happened and what it closes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from shared.policy.common import Provenance
from shared.policy.compare import Change, compare
from shared.policy.errors import Finding, word
from shared.policy.lookup import group_of, ranking
from shared.policy.model import Policy
from shared.policy.quota import TreeQuota
from shared.policy.tables import Formula

SAYING: Final = {*Provenance.__struct_fields__, "notes", "names"}  # what only tells may always change


@dataclass(frozen=True)
class Since:
    """What has happened under the published revision."""

    selected: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # cohort → first-level unit → people
    opened: frozenset[str] = frozenset()  # projects of which a class has opened
    closed: frozenset[str] = frozenset()  # projects of which a class has closed check-in
    frozen: frozenset[str] = frozenset()  # bulletins


@dataclass(frozen=True)
class Row:
    """After ``since`` the ``paths`` are closed to changes of which ``forbids`` is true."""

    since: str
    paths: str
    forbids: Callable[[Change], bool]
    reason: str


def _any(_change: Change) -> bool:
    return True


def _gone(change: Change) -> bool:
    return change.kind == "removed"


def _come_or_gone(change: Change) -> bool:
    return change.kind != "changed"


def _size(value: Any) -> Decimal:
    return Decimal(len(value)) if isinstance(value, list | tuple) else Decimal(str(value))


def _more(change: Change) -> bool:
    return change.kind == "added" or (change.kind == "changed" and _size(change.new) > _size(change.old))


def _fewer(change: Change) -> bool:
    return change.kind == "added" or (change.kind == "changed" and _size(change.new) < _size(change.old))


def _blocks(change: Change) -> bool:
    blocks: object = change.new.get("blocks") if isinstance(change.new, dict) else change.new
    return change.kind == "added" and blocks == "completion"


def _stated(change: Change) -> bool:
    return bool(change.old != "unstated")


RANKED: Final = r"formulas\[{formula}\]\.(numerator|denominator|exclude|value|max)"
TABLE: Final = (
    Row("published", r"policy\.(key|year|issuer)|units\.root", _any, "identity"),
    Row("published", r"(groups|projects|forms|formulas)\[[^\]]+\]|projects\[[^\]]+\]\.cohorts\[[^\]]+\]|ban", _gone, "keys"),
    Row("published", r"ban\.key", _any, "keys"),
    Row("selected", r"projects\[[^\]]+\]\.cohorts\[{cohort}\]\.quota\.shape", _stated, "shape"),
    Row("opened", r"projects\[{project}\]\.(group|type)|groups\[{group}\]\.plan_level", _any, "place"),
    Row("opened", r"projects\[{project}\]\.cohorts\[[^\]]+\]\.phases(\[[^\]]+\])?", _come_or_gone, "phases"),
    Row("opened", r"projects\[{project}\]\.cohorts\[[^\]]+\]\.phases\[[^\]]+\]\.form", _any, "phases"),
    Row("opened", r"projects\[{project}\]\.cohorts\[[^\]]+\]\.phases\[[^\]]+\]\.amount\.\w+", _more, "harder"),
    Row("opened", r"forms\[{form}\]\.(checkin|away)", _any, "form"),
    Row("opened", r"documents\[{document}\](\.blocks)?", _blocks, "harder"),
    Row("opened", r"documents\[{document}\]\.(count\.min|parts)", _more, "harder"),
    Row("opened", r"documents\[{document}\]\.any_of", _fewer, "harder"),
    Row("opened", r"participation\.attendance(\.min_share)?", _more, "harder"),
    Row("opened", r"participation\.accepted_reasons\[[^\]]+\]", _gone, "excuses"),
    Row("opened", r"ban(\.(scope|causes|length|start)\b.*)?", _any, "ban"),
    Row("closed", r"participation\.substitution\b.*", _any, "counted"),
    Row("closed", r"formulas\[[^\]]+\]\.(numerator|denominator|exclude|value)", _any, "counted"),
    Row("frozen", RANKED + r"|table_rules\..*|rankings\[{ranking}\]\.leave_out\b.*", _any, "printed"),
)  # fmt: skip


def refusals(old: Policy, new: Policy, since: Since) -> list[Finding]:
    """Why the new revision can't follow the old one; empty if it can."""
    changes = [change for change in compare(old, new) if not SAYING & {*re.split(r"[.\[\]]+", change.path)}]
    names = _names(old, new, since)
    happened = {"published", *(name for name in ("selected", "opened", "closed", "frozen") if getattr(since, name))}
    closed = [_refused(change.path, row.since, row.reason) for row in TABLE if row.since in happened
              for change in changes if _matches(row, names, change.path) and row.forbids(change)]  # fmt: skip
    return [*_revision(old, new), *_unversioned(old, new), *closed, *_below(new, since)]


def _matches(row: Row, names: Mapping[str, str], path: str) -> bool:
    pattern = re.sub(r"\{(\w+)\}", lambda found: names[found[1]], row.paths)
    return re.fullmatch(pattern, path) is not None


def _either(names: Iterable[str]) -> str:
    return "(" + "|".join(sorted({re.escape(name) for name in names})) + ")" if names else "(?!)"


def _names(old: Policy, new: Policy, since: Since) -> Mapping[str, str]:
    """The entries that the rows speak of, as patterns: those of opened projects and of frozen bulletins."""
    projects = [project for project in old.projects if project.key in since.opened]
    cohorts = [cohort for project in projects for cohort in project.cohorts]
    keys = {*since.opened, *(cohort.key for cohort in cohorts)}
    owed = [d for policy in (old, new) for d in policy.documents if d.blocks and keys & {*d.projects, *d.cohorts}]
    tables = [key for bulletin in old.bulletins if bulletin.key in since.frozen for key in bulletin.tables]
    shown = [key for table in tables for key in (*ranking(old, table).by, *ranking(old, table).beside)]
    return {
        "cohort": _either(list(since.selected)),
        "project": _either(list(since.opened)),
        "group": _either([group_of(old, project.key).key for project in projects]),
        "form": _either([phase.form for cohort in cohorts for phase in cohort.phases]),
        "document": _either([document.key for document in owed]),
        "ranking": _either(tables),
        "formula": _either(shown),
    }


def _refused(path: str, since: str, reason: str) -> Finding:
    return Finding("P120", path, {"since": word("since", since), "reason": word("closed", reason)})


def _revision(old: Policy, new: Policy) -> Iterator[Finding]:
    amends = new.policy.amends.revision if new.policy.amends else 0
    if (new.revision, amends) != (old.revision + 1, old.revision):
        yield Finding("P120.revision", "policy.revision", {"want": old.revision + 1, "latest": old.revision})


def _unversioned(old: Policy, new: Policy) -> Iterator[Finding]:
    """A formula with another content and not a higher version (P091)."""
    before = {formula.key: formula for formula in old.formulas}
    for formula in new.formulas:
        known = before.get(formula.key, formula)
        if _content(formula) != _content(known) and formula.version <= known.version:
            yield Finding("P091", f"formulas[{formula.key}].version", {"key": formula.key})


def _content(formula: Formula) -> tuple[object, ...]:
    return formula.numerator, formula.denominator, formula.exclude, formula.value, formula.max


def _below(new: Policy, since: Since) -> Iterator[Finding]:
    """Places of a unit below what it has selected already."""
    for project in new.projects:
        for cohort in project.cohorts:
            given = cohort.quota.allocation if isinstance(cohort.quota, TreeQuota) else None
            for code, people in since.selected.get(cohort.key, {}).items():
                if given is not None and given.get(code, 0) < people:
                    path = f"projects[{project.key}].cohorts[{cohort.key}].quota.allocation.{code}"
                    yield _refused(path, "selected", "below")
