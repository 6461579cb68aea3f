"""Time: the calendar of a programme year and its deadlines."""

import datetime as dt
from typing import Literal

from shared.policy.common import Key, LevelRef, Moment, Noted, ProjectRef, UnitCode


class ChecksBeforeClass(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The day that stands in for the class start while a place has no class (Q11, L12)."""

    date: dt.date


class Calendar(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``day_end: inclusive`` accepts until 23:59:59 of a due date. Working days are not carried yet: null only."""

    timezone: str
    day_end: Literal["inclusive", "exclusive"]
    working_days: None
    checks_before_class: ChecksBeforeClass


class Extension(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """Who extends a deadline; a reason is always kept."""

    by: UnitCode
    reason: Literal["required"]


class Deadline(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """One obligation in time. Empty levels or projects mean all; no ``opens`` means from publication on."""

    key: Key
    act: Literal["hand_in", "announce_class_start", "nominate", "select", "choose", "finish_class"]
    owed_by: Literal["institution", "unit", "trainee"]
    due: Moment
    late: Literal["refuse", "record", "override"]
    levels: tuple[LevelRef, ...] = ()
    projects: tuple[ProjectRef, ...] = ()
    opens: Moment | None = None
    extension: Extension | None = None
    exempt: tuple[Literal["substitute", "institution_choice"], ...] = ()
