"""What a programme year says, in the shape in which an officer reads it. Nothing here decides anything."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from services.enrolment.programmes.domain import allocation, cohorts
from shared.policy import Change, Policy
from shared.policy.catalogue import Cohort
from shared.policy.common import Text
from shared.policy.dates import Deadline
from shared.policy.lookup import formula
from shared.policy.money import Rate
from shared.policy.quota import PerUnitQuota, PoolQuota, StructureQuota, TreeQuota
from shared.policy.tables import Formula, Ranking

SYNTHETIC: Final = ("synthetic", "allocation_synthetic", "invented")
LONGEST: Final = 160


class Marks(msgspec.Struct, frozen=True):
    """Whether an entry, or a part of it, is assumed, and whether numbers in it are made up."""

    assumed: bool
    synthetic: bool


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """How many places a cohort has: the shape, the total where it is stated, and what it follows from."""

    shape: str
    total: int | None = None
    each: int | None = None
    ratio: str | None = None
    nominations: int | None = None
    structure: Text | None = None


class Fraction(msgspec.Struct, frozen=True, kw_only=True):
    """A measure of a ranking; ``ranked`` is false for those that are shown beside."""

    formula: Formula
    ranked: bool


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that is assumed or made up: its path in the file and the reason given there."""

    path: str
    kind: str
    because: str


class Different(msgspec.Struct, frozen=True, kw_only=True):
    """A difference between two texts of a year, with its values cut to a line."""

    path: str
    kind: str
    old: str
    new: str


def marks(part: Any) -> Marks:
    """The marks of an entry of a policy, its parts included."""
    built = msgspec.to_builtins(part)
    return Marks(assumed=_holds(built, ("assumed",)), synthetic=_holds(built, SYNTHETIC))


def _holds(value: Any, names: Sequence[str]) -> bool:
    if isinstance(value, Mapping):
        return any(value.get(name) is True for name in names) or any(_holds(v, names) for v in value.values())
    return isinstance(value, list | tuple) and any(_holds(v, names) for v in value)


def doubts(policy: Policy) -> list[Doubt]:
    """Every entry that is assumed or made up, in the order of the file."""
    return list(_doubts("", policy.to_dict()))


def _doubts(path: str, value: Any) -> Iterator[Doubt]:
    if isinstance(value, list | tuple):
        for number, item in enumerate(value, start=1):
            name = item.get("key") or item.get("code") if isinstance(item, Mapping) else None
            yield from _doubts(f"{path}[{name or number}]", item)
    if not isinstance(value, Mapping):
        return
    kind = "synthetic" if any(value.get(name) is True for name in SYNTHETIC) else "assumed"
    if kind == "synthetic" or value.get("assumed") is True:
        yield Doubt(path=path, kind=kind, because=value.get("because") or value.get("note") or "")
    for name, item in value.items():
        yield from _doubts(f"{path}.{name}" if path else name, item)


def places(policy: Policy, cohort: Cohort) -> Places:
    """A cohort's places; a total of None is stated nowhere in the file."""
    quota = cohort.quota
    shape = str(quota.__struct_config__.tag)
    match quota:
        case TreeQuota():
            return Places(shape=shape, total=quota.total)
        case PerUnitQuota():
            return Places(shape=shape, total=quota.total, each=quota.each)
        case PoolQuota():
            named = quota.nominations
            return Places(shape=shape, total=quota.total, ratio=f"1:{named.ratio}" if named else None,
                          nominations=named.total if named else None)  # fmt: skip
        case StructureQuota():
            names = next((s.names for s in policy.structures if s.key == quota.structure), None)
            return Places(shape=shape, structure=names)
    return Places(shape=shape)


def total(policy: Policy) -> int:
    """All stated places of trainees."""
    return sum(places(policy, cohort).total or 0 for _, cohort in cohorts(policy) if cohort.kind == "trainee")


def handed_out(policy: Policy) -> tuple[int, int]:
    """How many units get places at publication, and how many places."""
    given = [(code, number) for _, cohort in cohorts(policy) for code, number in allocation(cohort).items() if number]
    return len({code for code, _ in given}), sum(number for _, number in given)


def papers(policy: Policy, deadline: Deadline) -> list[Text]:
    """What has to be handed in by a deadline."""
    return [document.names for document in policy.documents if document.due == deadline.key]


def yuan(rate: Rate) -> str:
    """A rate's amount in yuan, with fen only where there are any."""
    whole, fen = divmod(rate.amount_fen, 100)
    return f"{whole:,}.{fen:02d}" if fen else f"{whole:,}"


def fractions(policy: Policy, ranking: Ranking) -> list[Fraction]:
    """The measures of a ranking, ranked ones first."""
    return [
        Fraction(formula=formula(policy, key), ranked=ranked)
        for keys, ranked in ((ranking.by, True), (ranking.beside, False))
        for key in keys
    ]


def different(changes: Sequence[Change]) -> list[Different]:
    """The differences as a table shows them."""
    return [Different(path=c.path, kind=c.kind, old=brief(c.old), new=brief(c.new)) for c in changes]


def brief(value: Any) -> str:
    """A value of a policy in one line; an absent one is empty."""
    if value is None:
        return ""
    if isinstance(value, Mapping) and {"zh", "en"} <= set(value):
        return str(value["zh"])
    said = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def line_of(text: str, code: str) -> int | None:
    """The line of a units file that brings a code in, counted from 1."""
    written = re.compile(rf"""\bcode:\s*["']?{re.escape(code)}["']?\s*(,|}}|$)""")
    return next((n for n, line in enumerate(text.splitlines(), start=1) if written.search(line)), None)


def quoted(text: str, line: int | None) -> str:
    """What stands in a line of the file, without its indent and cut to a line of the page."""
    lines = text.splitlines()
    said = lines[line - 1].strip() if line and line <= len(lines) else ""
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
