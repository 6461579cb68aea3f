"""The pure side of a place: one person's way from selection to completion."""

from services.enrolment.places.domain.bans import Bar, blocking
from services.enrolment.places.domain.commands import (
    Assign,
    CheckIn,
    Complete,
    DropOut,
    Excuse,
    Expect,
    Register,
    Replace,
    Restore,
    Revoke,
    Withdraw,
)
from services.enrolment.places.domain.course import (
    decide_assign,
    decide_check_in,
    decide_complete,
    decide_drop_out,
    decide_excuse,
    decide_expect,
    decide_register,
    decide_revoke,
)
from services.enrolment.places.domain.eligibility import Facts, findings, full_years
from services.enrolment.places.domain.place import Decision, Place, Refusal, apply, status_of
from services.enrolment.places.domain.rules import rules_of, window
from services.enrolment.places.domain.selection import Candidate, Cell, Period, Rules, decide_selection
from services.enrolment.places.domain.undoing import decide_replace, decide_restore, decide_withdraw

__all__ = [
    "Assign",
    "Bar",
    "Candidate",
    "Cell",
    "CheckIn",
    "Complete",
    "Decision",
    "DropOut",
    "Excuse",
    "Expect",
    "Facts",
    "Period",
    "Place",
    "Refusal",
    "Register",
    "Replace",
    "Restore",
    "Revoke",
    "Rules",
    "Withdraw",
    "apply",
    "blocking",
    "decide_assign",
    "decide_check_in",
    "decide_complete",
    "decide_drop_out",
    "decide_excuse",
    "decide_expect",
    "decide_register",
    "decide_replace",
    "decide_restore",
    "decide_revoke",
    "decide_selection",
    "decide_withdraw",
    "findings",
    "full_years",
    "rules_of",
    "status_of",
    "window",
]
