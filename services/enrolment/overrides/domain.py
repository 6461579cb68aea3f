"""Which refused rows of a roster a recorded reason could still select (Q11), and what became of them."""

from collections.abc import Iterable, Mapping, Sequence

from services.enrolment.imports.domain import Judged, Result, Taken, results
from services.enrolment.places.domain.eligibility import code_of
from services.enrolment.rosters.domain import CellFinding, Row
from shared.policy.eligibility import Condition

SHORTEST, LONGEST = 2, 500


def in_principle(findings: Iterable[CellFinding], conditions: Iterable[Condition]) -> bool:
    """Whether nothing stands against the person but conditions "in principle"; strict ones know no override."""
    forces: dict[str, set[str]] = {}
    for condition in conditions:
        if condition.force != "priority":
            forces.setdefault(code_of(condition), set()).add(condition.force)
    against = [forces.get(f.code) for f in findings]
    return bool(against) and all(force == {"in_principle"} for force in against)


def outcomes(people: Mapping[int, tuple[str, str]], taken: Taken) -> Sequence[Result]:
    """One result per row; ``people`` gives the name and the id of each row's person."""
    judged = [Judged(row=Row(row=row, name=name)) for row, (name, _) in people.items()]
    return results(judged, {row: person_id for row, (_, person_id) in people.items()}, taken)
