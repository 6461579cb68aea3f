"""Reading a policy file or a units file: text in, a tree of structs out, or every mistake in both languages."""

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from shared.policy import checks
from shared.policy.amendments import Since, refusals
from shared.policy.checks.references import dangling
from shared.policy.checks.units import check_file
from shared.policy.convert import BAD, Converter
from shared.policy.errors import Finding, PolicyError, PolicyErrors, in_words
from shared.policy.model import Policy
from shared.policy.reader import UnreadableError, read
from shared.policy.units import KnownUnits, UnitsFile

PERSONAL: Final = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)"  # mobile phone
    r"|(?<!\d)0\d{2,3}[-\s]\d{7,8}(?!\d)"  # fixed line
    r"|(?<!\d)\d{17}[\dXx](?!\w)"  # resident ID
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # mail address
)
T = TypeVar("T")


def _personal(text: str) -> Iterator[Finding]:
    """Lines that look like personal data, comments included (P010)."""
    for number, line in enumerate(text.splitlines(), start=1):
        if PERSONAL.search(line):
            yield Finding("P010", "", {}, number)


def _line(lines: dict[str, int], path: str) -> int:
    """The line of a path, or of the nearest mapping above it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)


def _worded(found: list[Finding], lines: dict[str, int]) -> tuple[PolicyError, ...]:
    """In the order of the lines. A wrong ``format`` hides the rest: it is another kind of file."""
    other = [finding for finding in found if finding.path == "format"]
    errors = [in_words(finding, finding.line or _line(lines, finding.path)) for finding in other or found]
    return tuple(sorted(errors, key=lambda error: (error.line, error.code, error.path)))


def _read(text: str, kind: type[T]) -> tuple[T | None, Converter, list[Finding]]:
    converter = Converter()
    try:
        tree: Any = converter.convert(read(text), kind)
    except UnreadableError as unreadable:
        return None, converter, [unreadable.finding]
    return None if tree is BAD else tree, converter, [*converter.findings, *_personal(text)]


def review(text: str, units: UnitsFile | KnownUnits | None = None) -> tuple[Policy | None, tuple[PolicyError, ...]]:
    """The policy and all that is to be said about it, warnings included. None where it couldn't be built.

    Without ``units`` nothing is said about unit codes and lists of units (P008, P020, P021, P053).
    """
    return _review(text, units, lambda _: [])


def amend(
    text: str, old: Policy, since: Since, units: UnitsFile | KnownUnits | None = None
) -> tuple[Policy | None, tuple[PolicyError, ...]]:
    """As ``review``, with what the published revision and its year's events no longer allow (P091, P120)."""
    return _review(text, units, lambda new: refusals(old, new, since))


def _review(
    text: str, units: UnitsFile | KnownUnits | None, more: Callable[[Policy], Iterable[Finding]]
) -> tuple[Policy | None, tuple[PolicyError, ...]]:
    known = units.known() if isinstance(units, UnitsFile) else units
    policy, converter, found = _read(text, Policy)
    if policy is not None:
        policy = msgspec.structs.replace(policy, sha256=sha256(text.encode()).hexdigest())
        found += [*dangling(policy, known, converter.references), *checks.findings(policy, known), *more(policy)]
    return policy, _worded(found, converter.lines)


def load(text: str, units: UnitsFile | KnownUnits | None = None) -> Policy:
    """The policy; raises ``PolicyErrors`` with every mistake. Warnings pass, ``review`` shows them."""
    policy, said = review(text, units)
    refused = tuple(error for error in said if not error.warning)
    if policy is None or refused:
        raise PolicyErrors(refused)
    return policy


def load_units(text: str) -> UnitsFile:
    """The units file; raises ``PolicyErrors``."""
    file, converter, found = _read(text, UnitsFile)
    if file is not None:
        found += list(check_file(file))
    if file is None or found:
        raise PolicyErrors(_worded(found, converter.lines))
    return file
