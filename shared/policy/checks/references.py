"""Names that must exist: every marked string of the format is looked up in its table (P008, P011, P020, P070, P102, P115)."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from shared.policy.bans import FACTS
from shared.policy.convert import Reference
from shared.policy.errors import Finding, Value, word
from shared.policy.model import Policy
from shared.policy.reminders import EVENTS, STOPS
from shared.policy.units import KnownUnits

Tables = dict[str, AbstractSet[str] | None]  # None: this table is not known here, so nothing is said


def _keys(items: Iterable[object]) -> set[str]:
    return {str(getattr(item, "key")) for item in items}  # noqa: B009 — entries of many types share this one field


def _units(policy: Policy, known: KnownUnits | None) -> AbstractSet[str] | None:
    if known is None:
        return None
    return {code for code, unit in known.units.items() if unit.valid_on(policy.units.valid_on)}


def _unit_lists(policy: Policy, known: KnownUnits | None) -> AbstractSet[str] | None:
    """Lists of the units file, and those of the policy whose members are still to be imported."""
    if known is None or known.lists is None:
        return None
    return {*known.lists, *(entry.key for entry in policy.lists if entry.of == "units")}


def tables(policy: Policy, known: KnownUnits | None) -> Tables:
    """The names of each table of this policy."""
    levels, offices, systems = _keys(policy.units.levels), _keys(policy.offices), _keys(policy.sources.systems)
    return {
        "level": levels,
        "ranked": levels | {"institution"},
        "office": offices,
        "system": systems,
        "receiver": offices | systems | {"institution"},
        "source": _keys(policy.sources.documents),
        "annex": _keys(policy.sources.annexes),
        "list": _keys(policy.lists),
        "deadline": _keys(policy.deadlines),
        "form": _keys(policy.forms),
        "activity": _keys(policy.activities),
        "role": _keys(policy.roles),
        "plan_level": _keys(policy.plan_levels),
        "group": _keys(policy.groups),
        "project": _keys(policy.projects),
        "cohort": _keys(cohort for project in policy.projects for cohort in project.cohorts),
        "formula": _keys(policy.formulas),
        "event": EVENTS,
        "stop": STOPS,
        "ladder": _keys(policy.reminders.ladders),
        "reason": _keys(policy.participation.accepted_reasons),
        "statement": _keys(policy.statements),
        "unit": _units(policy, known),
        "unit_list": _unit_lists(policy, known),
        "organisation": _keys(policy.organisations),
        "structure": _keys(policy.structures),
        "rate": _keys(policy.money.rates if policy.money else ()),
        "fact": FACTS,
        "ranking": _keys(policy.rankings),
        "terms.staff_roles": _keys(policy.terms.staff_roles),
        "terms.change_causes": _keys(policy.terms.change_causes),
        "terms.evidence": _keys(policy.terms.evidence),
        "terms.contents": _keys(policy.terms.contents),
        "terms.properties": _keys(policy.terms.properties),
    }


def dangling(policy: Policy, known: KnownUnits | None, references: Iterable[Reference]) -> Iterator[Finding]:
    """References to what does not exist, or to a unit that isn't valid on the policy's day."""
    names = tables(policy, known)
    for reference in references:
        table = names[reference.table]
        if table is not None and reference.name not in table:
            values: dict[str, Value] = {
                "what": word("things", reference.table),
                "key": reference.name,
                "table": reference.table,
                "date": policy.units.valid_on.isoformat(),
                "known": ", ".join(sorted(table)[:12]),
            }
            yield Finding(reference.missing, reference.path, values)
