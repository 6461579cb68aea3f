"""Root, authority, levels and path of a policy (P021, P022, P024); and the units file itself (P005, P008, P022, P023)."""

from collections.abc import Iterator
from itertools import pairwise

from shared.policy.common import label
from shared.policy.errors import Finding, Value, word
from shared.policy.model import Policy
from shared.policy.units import KnownUnits, UnitsFile


def check(policy: Policy, known: KnownUnits | None) -> Iterator[Finding]:
    """The root is the issuer, an authority is the issuer or above it, levels hang together, selection runs up them."""
    issuer = policy.issuer
    if policy.units.root != issuer:
        yield Finding("P021", "units.root", {"code": policy.units.root, "issuer": issuer})
    allowed = {issuer, *known.above(issuer)} if known else None
    if policy.ban and allowed and policy.ban.authority not in allowed:
        yield Finding("P021.authority", "ban.authority", {"code": policy.ban.authority, "issuer": issuer})
    yield from _levels(policy)
    yield from _path(policy)


def _levels(policy: Policy) -> Iterator[Finding]:
    """A level hangs under levels written above it, which rules out circles."""
    above: set[str] = set()
    everything = {level.key for level in policy.units.levels}
    for level in policy.units.levels:
        for under in level.under:
            if under in everything and under not in above:
                yield Finding("P022", f"units.levels[{level.key}].under", {"level": level.key, "under": under})
        above.add(level.key)


def _path(policy: Policy) -> Iterator[Finding]:
    """Selection runs upward and ends on its way; a level that is not defined is said elsewhere."""
    places = {level.key: place for place, level in enumerate(policy.units.levels)}
    selection = policy.selection
    if selection.final_level in places and selection.final_level not in selection.path:
        values: dict[str, Value] = {"level": selection.final_level, "levels": ", ".join(selection.path)}
        yield Finding("P024.final", "selection.final_level", values)
    steps = [places[level] for level in selection.path if level in places]
    if any(lower <= upper for lower, upper in pairwise(steps)):
        yield Finding("P024", "selection.path", {"levels": ", ".join(selection.path)})


def check_file(file: UnitsFile) -> Iterator[Finding]:
    """Kinds, code systems, reporting lines and lists of a units file."""
    known = file.known()
    tables = {"kind": {kind.key for kind in file.kinds}, "system": {system.key for system in file.code_systems}}
    for index, unit in enumerate(file.units):
        path = f"units[{label(unit, index)}]"
        names = (("kind", unit.kind), ("system", unit.system))
        for field, name in names:
            if name not in tables[field]:
                yield _dangling(f"{path}.{field}", field, name)
        if unit.reports_to is not None and unit.reports_to not in known.units:
            yield _dangling(f"{path}.reports_to", "unit", unit.reports_to)
        if unit.code in known.above(unit.code):
            yield Finding("P022.unit", f"{path}.reports_to", {"code": unit.code})
    yield from _lists(file, known)


def _lists(file: UnitsFile, known: KnownUnits) -> Iterator[Finding]:
    for entry in file.lists:
        path = f"lists[{entry.key}]"
        for index, member in enumerate(entry.members):
            if member not in known.units:
                yield _dangling(f"{path}.members[{index + 1}]", "unit", member)
        count = entry.expect_count
        if count and count.min != len(entry.members):
            values: dict[str, Value] = {"list": entry.key, "want": count.min or 0, "got": len(entry.members)}
            yield Finding("P023", f"{path}.members", values)


def _dangling(path: str, thing: str, name: str) -> Finding:
    return Finding("P008", path, {"what": word("things", thing), "key": name, "known": "—"})
