"""The pure side of a class: from its schedule to its end."""

from services.enrolment.classes.domain.change import (
    Move,
    dates_of,
    decide_cancel,
    decide_close,
    decide_end,
    decide_move,
    move_mistakes,
    new_dates,
)
from services.enrolment.classes.domain.dates import Dates, moved, resolve, window
from services.enrolment.classes.domain.schedule import (
    Schedule,
    decide_open,
    decide_schedule,
    missing_staff,
    schedule_mistakes,
    staff_mistakes,
)
from services.enrolment.classes.domain.state import Announced, Class, apply
from services.enrolment.classes.domain.timeline import Paper, Step, course, next_step

__all__ = [
    "Announced",
    "Class",
    "Dates",
    "Move",
    "Paper",
    "Schedule",
    "Step",
    "apply",
    "course",
    "dates_of",
    "decide_cancel",
    "decide_close",
    "decide_end",
    "decide_move",
    "decide_open",
    "decide_schedule",
    "missing_staff",
    "move_mistakes",
    "moved",
    "new_dates",
    "next_step",
    "resolve",
    "schedule_mistakes",
    "staff_mistakes",
    "window",
]
