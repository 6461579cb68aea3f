"""How many documents are expected in all (P071). Receivers and deadlines are references (P070)."""

from collections.abc import Iterator

from shared.policy.amounts import instances, members
from shared.policy.documents import Document
from shared.policy.errors import Finding, Value
from shared.policy.lookup import structure
from shared.policy.model import Policy
from shared.policy.units import KnownUnits


def check(policy: Policy, known: KnownUnits | None) -> Iterator[Finding]:
    """The stated total is what the settings give."""
    for document in policy.documents:
        got = _total(policy, document, known)
        if document.expect_total is not None and got is not None and got != document.expect_total:
            values: dict[str, Value] = {"key": document.key, "want": document.expect_total, "got": got}
            yield Finding("P071", f"documents[{document.key}].expect_total", values)


def _total(policy: Policy, document: Document, known: KnownUnits | None) -> int | None:
    """None where it can't be told: other owners, a free number, a list that is not known."""
    if document.per == "unit":
        owners = members(known, document.units)
    elif document.per == "structure":
        owners = _structures(policy, document, known)
    else:
        return None
    return None if owners is None else owners * (document.count.min or 0)


def _structures(policy: Policy, document: Document, known: KnownUnits | None) -> int | None:
    present = {entry.key for entry in policy.structures}
    numbers = [instances(structure(policy, key), known) for key in document.structures if key in present]
    return None if None in numbers else sum(number or 0 for number in numbers)
