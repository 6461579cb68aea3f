"""The policy file of a programme year: its format, its reader, its checks, and the pure helpers that services share."""

from shared.policy.amendments import Since, refusals
from shared.policy.compare import Change, compare
from shared.policy.errors import PolicyError, PolicyErrors
from shared.policy.load import amend, load, load_units, review
from shared.policy.model import Policy, from_dict
from shared.policy.units import KnownUnit, KnownUnits, UnitsFile

__all__ = [
    "Change",
    "KnownUnit",
    "KnownUnits",
    "Policy",
    "PolicyError",
    "PolicyErrors",
    "Since",
    "UnitsFile",
    "amend",
    "compare",
    "from_dict",
    "load",
    "load_units",
    "refusals",
    "review",
]
