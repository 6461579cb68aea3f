"""Examples of money, worked out again from rates, phases and structures (P080)."""

from collections.abc import Iterator

from shared.policy.amounts import worked_out
from shared.policy.errors import Finding, Value
from shared.policy.lookup import UnknownKeyError
from shared.policy.model import Policy
from shared.policy.units import KnownUnits

FEN = 100


def check(policy: Policy, known: KnownUnits | None) -> Iterator[Finding]:
    """Every example comes out to the fen."""
    for index, example in enumerate(policy.money.examples if policy.money else ()):
        try:
            got = worked_out(policy, example, known)
        except UnknownKeyError:
            continue  # an unknown name is said elsewhere
        if got is not None and got != example.expect_fen:
            values: dict[str, Value] = {"n": index + 1, "want": _yuan(example.expect_fen), "got": _yuan(got)}
            yield Finding("P080", f"money.examples[{index + 1}].expect_fen", values)


def _yuan(fen: int) -> str:
    return f"{fen // FEN}.{fen % FEN:02d}"
