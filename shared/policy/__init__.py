"""The policy file of a programme year: its format, its reader, its checks, and the pure helpers that services share."""

from shared.policy.errors import PolicyError, PolicyErrors
from shared.policy.load import load, load_units, review
from shared.policy.model import Policy, from_dict
from shared.policy.units import KnownUnit, KnownUnits, UnitsFile

__all__ = [
    "KnownUnit",
    "KnownUnits",
    "Policy",
    "PolicyError",
    "PolicyErrors",
    "UnitsFile",
    "from_dict",
    "load",
    "load_units",
    "review",
]
