"""Ban rules and cases for tests, in the shape of the two notices; the numbers are the rules' own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from services.blacklist.entries.domain.case import Case, Course, Dropout, Notice, Rule
from shared.policy.bans import BanRule

HAPPENED = datetime(2021, 8, 27, 10, tzinfo=UTC)  # 18:00 in Shanghai, check-in closed
NAMES = {"zh": "甲", "en": "a"}
CAUSES = [
    {"key": "no_show", "names": NAMES, "raised_at": "checkin_closed", "excusable": True,
     "evidence": ["notice_delivered", "class_held_as_announced"], "forms": ["in_person"]},
    {"key": "dismissed", "names": NAMES, "raised_at": "dismissal", "excusable": True,
     "evidence": ["institution_statement"]},
    {"key": "not_completed", "names": NAMES, "raised_at": "project_closed", "excusable": True,
     "evidence": ["closing_record"]},
]  # fmt: skip
RULE: dict[str, Any] = {
    "key": "ban-2021", "version": 1, "names": NAMES, "authority": "410000", "causes": CAUSES,
    "accepted_reasons": "all", "cohort_kinds": ["trainee"],
    "scope": {"plan_levels": ["province"], "forms": ["in_person"]}, "force": "absolute", "length": {"years": 3},
    "start": {"anchor": "confirmed"}, "start_day": {"blocked": True, "counted": False},
    "reply_window": {"calendar_days": 15}, "appeal": None,
    "confirmation": {"by": "410000", "persons": 2, "offices": ["a", "b"], "not_before": "reply_ends",
                     "reason": "required"},
    "lifting": {"by": "410000", "reason": "required"}, "existing_places": {"action": "revoke"},
    "checked_against": "class_start", "checked_at": ["selection"],
    "undo_on": ["attendance_corrected", "reason_accepted", "class_cancelled", "quashed"],
}  # fmt: skip


def ban_rule(**changes: Any) -> BanRule:
    return msgspec.convert({**RULE, **changes}, BanRule)


def rule(**changes: Any) -> Rule:
    return Rule("henan-2021@1", "Asia/Shanghai", ("ban-proposed",), ban_rule(**changes))


def dropout(**changes: Any) -> Dropout:
    plain = Dropout(
        place_id="place", cause="no_show", event_id="dropped", person_id="person", class_id="class",
        policy_key="henan-2021", cohort_kind="trainee", forms=("in_person", "online"), unit_id="school",
        unit_path="/top/city/county/school/", institution_path="/top/inst/", occurred_at=HAPPENED, stated=True,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


HELD = Course("class", 2, held=True, closed_at=HAPPENED, closed_event="closed", ended_event="ended")


def notice(**changes: Any) -> Notice:
    plain = Notice(
        "told",
        "class-opened",
        proof=True,
        date_version=2,
        delivered_at=HAPPENED - timedelta(days=9),
        about_class="class",
    )
    return msgspec.structs.replace(plain, **changes)


def case(**changes: Any) -> Case:
    plain = Case(dropout(), rule(), HELD, (notice(),), expected=True)
    return msgspec.structs.replace(plain, **changes)
