"""The pure side of check-in: codes, closing, completion."""

from services.enrolment.checkin.domain.closing import (
    Counts,
    count,
    decide_acceptance,
    decide_closing,
    decide_completion,
    not_absent,
    on_list,
    outcome,
    undecided,
)
from services.enrolment.checkin.domain.codes import give_codes, make_token, normalise, place_of, proves

__all__ = [
    "Counts",
    "count",
    "decide_acceptance",
    "decide_closing",
    "decide_completion",
    "give_codes",
    "make_token",
    "normalise",
    "not_absent",
    "on_list",
    "outcome",
    "place_of",
    "proves",
    "undecided",
]
