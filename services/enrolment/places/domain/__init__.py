"""The pure side of a place: one person's way from selection to completion."""

from services.enrolment.places.domain.course import (
    Assign,
    CheckIn,
    Complete,
    DropOut,
    Excuse,
    Expect,
    Register,
    Revoke,
    decide_assign,
    decide_check_in,
    decide_complete,
    decide_drop_out,
    decide_excuse,
    decide_expect,
    decide_register,
    decide_revoke,
)
from services.enrolment.places.domain.place import Decision, Place, Refusal, apply

__all__ = [
    "Assign",
    "CheckIn",
    "Complete",
    "Decision",
    "DropOut",
    "Excuse",
    "Expect",
    "Place",
    "Refusal",
    "Register",
    "Revoke",
    "apply",
    "decide_assign",
    "decide_check_in",
    "decide_complete",
    "decide_drop_out",
    "decide_excuse",
    "decide_expect",
    "decide_register",
    "decide_revoke",
]
