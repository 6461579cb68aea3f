"""What the ledger should hold for one case under one policy. No clock: what was late is judged by when it became known."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from services.notify.planning.domain.case import EVERYONE, Anchor, Case
from services.notify.planning.domain.rows import Key, Recipient, Row, State
from services.notify.planning.domain.slots import Slot, gathered, later, latest, slots, window
from shared.policy import Policy
from shared.policy.lookup import ladder
from shared.policy.moments import send_at
from shared.policy.reminders import Audience, Offset, PlanAnchor, ReminderPlan, Step

Who = tuple[str, str]
Alike = tuple[str, datetime]  # a kind of recipient, and since when the subject concerns them
OPENED, CHANGED = "event:class_opened", "event:class_changed"


def desired(case: Case, policy: Policy) -> list[Row]:
    """Every row of the case, planned or with the outcome that the facts already give it (DESIGN 3.8)."""
    told_otherwise = _told_otherwise(case, policy)
    rows = [row for plan in policy.reminders.plans for row in _of_plan(plan, case, policy, told_otherwise)]
    return _absorbed(rows, policy)


def _told_otherwise(case: Case, policy: Policy) -> Mapping[str, set[Who]]:
    """Of opening and change each recipient gets one: the change is for those who know an older date, or whom the opening passes by."""
    announced, changed = (_audience(case, policy, anchor) for anchor in (OPENED, CHANGED))
    corrected = changed & set(case.told) | changed - announced if CHANGED in case.anchors else set()
    return {OPENED: corrected | case.current, CHANGED: (changed - corrected) | case.current}


def _audience(case: Case, policy: Policy, anchor: str) -> set[Who]:
    plans = [plan for plan in policy.reminders.plans if name(plan.anchor) == anchor]
    return {(r.kind, r.id) for plan in plans for r in recipients(case, plan.audience)}


def name(anchor: PlanAnchor) -> str:
    """The anchor's name in a case."""
    kind = "deadline" if anchor.deadline else "moment" if anchor.moment else "event"
    return f"{kind}:{anchor.deadline or anchor.moment or anchor.event}"


def recipients(case: Case, audiences: Sequence[Audience]) -> list[Recipient]:
    """Who belongs to the audiences, each once, without those whom the subject no longer concerns."""
    found = {(r.kind, r.id): r for a in audiences for word in _words(a) for r in case.audiences.get(word, ())}
    return [r for r in found.values() if r.id not in case.left]


def _words(audience: Audience) -> list[str]:
    if audience.office is not None:
        return [f"office:{audience.office}"]
    return [f"{audience.to}:{level}" for level in audience.levels] or [audience.to]


def _of_plan(plan: ReminderPlan, case: Case, policy: Policy, told_otherwise: Mapping[str, set[Who]]) -> Iterator[Row]:
    for met, anchor in case.anchors.items():
        if met.partition("#")[0] == name(plan.anchor):
            yield from _of_anchor(plan, case, policy, (met, anchor), told_otherwise)


def _of_anchor(
    plan: ReminderPlan, case: Case, policy: Policy, met: tuple[str, Anchor], told_otherwise: Mapping[str, set[Who]]
) -> Iterator[Row]:
    elsewhere = told_otherwise.get(name(plan.anchor), set())
    lines = [(plan.offsets, plan.audience)]
    lines += [((Offset(before=e.before, after=e.after),), e.to) for e in plan.escalate]
    for offsets, audience in lines:
        told = [r for r in recipients(case, audience) if (r.kind, r.id) not in elsewhere]
        for whom, group in _alike(told).items():
            times = list(_times(plan, offsets, case, policy, met[1], whom))
            for recipient in group:
                for time in times:
                    yield _row(plan, case, policy, met, recipient, time)


def _alike(those: Sequence[Recipient]) -> Mapping[Alike, Sequence[Recipient]]:
    """Those of one kind whom the subject concerns since the same instant: a whole class is told at the same times."""
    groups: dict[Alike, list[Recipient]] = {}
    for recipient in those:
        groups.setdefault((recipient.kind, recipient.since), []).append(recipient)
    return groups


class Time(Struct, frozen=True):
    """One step of the ladder for one occurrence: ``at`` as asked for, ``due`` inside the send window (None: too late), ``until`` useful."""

    slot: Slot
    step: Step
    at: datetime
    due: datetime | None
    until: datetime | None


def _times(
    plan: ReminderPlan, offsets: Sequence[Offset], case: Case, policy: Policy, anchor: Anchor, whom: Alike
) -> Iterator[Time]:
    """When those who are ``whom`` are told, and how."""
    kind, since = whom
    until = latest(plan, anchor, dict(case.moments), policy)
    for slot in slots(plan, offsets, anchor, max(anchor.since, since), policy):
        base = gathered(slot.at, policy) if case.gathers and kind != "person" else slot.at
        for step in _steps(plan, policy, kind):
            at = later(base, step.after, policy)
            due = send_at(at, until, policy.reminders.send_window, policy.calendar)
            yield Time(slot, step, at, due, until)


def _row(
    plan: ReminderPlan, case: Case, policy: Policy, met: tuple[str, Anchor], recipient: Recipient, time: Time
) -> Row:
    name_met, anchor = met
    slot, step = time.slot, time.step
    key = Key(case.kind, case.id, recipient.kind, recipient.id, plan.key, slot.occurrence, anchor.version, step.use)
    voice = _voice(anchor, recipient)
    state, reason = _outcome(plan, case, name_met, recipient, slot, time.due)
    return Row(
        key=key,
        recipient=recipient,
        policy_key=policy.key,
        template=f"{anchor.template}-{voice}",
        class_id=case.class_id,
        entry_id=case.entry_id,
        announced=anchor.announced,
        previous=case.told.get((recipient.kind, recipient.id)) or anchor.previous if anchor.previous else None,
        due_at=time.due or time.at,
        latest_useful=time.until,
        only_if=step.only_if,
        gather=_gather(plan, case, recipient, key, step, (policy.key, voice)),
        proof=plan.proof == "delivered",
        invitation=plan.calendar_invitation and step.use == "email" and recipient.kind == "person",
        nature="now" if slot.late else "event" if plan.anchor.event else "dated",
        state=state,
        reason=reason,
        merged_into=key._replace(occurrence=slot.into).message_id if slot.into and state == "merged" else None,
    )


def _steps(plan: ReminderPlan, policy: Policy, kind: str) -> list[Step]:
    """The steps of the ladder for recipients of a kind: only persons are phoned, and of a class's staff only the phone is known."""
    steps = ladder(policy, plan.ladder).steps
    if kind == "staff":
        return [replace(step, after=None, only_if=None) for step in steps if step.use == "sms"]
    return [step for step in steps if step.use != "call_list" or kind == "person"]


def _voice(anchor: Anchor, recipient: Recipient) -> str:
    """How the message speaks: to a person, to a class's staff, to the unit itself, or to those above of the one that owes."""
    if recipient.kind in {"person", "staff"}:
        return recipient.kind
    return "unit" if anchor.owner in {None, recipient.id} else "above"


def _outcome(
    plan: ReminderPlan, case: Case, met: str, recipient: Recipient, slot: Slot, due: datetime | None
) -> tuple[State, str | None]:
    """The outcome that stands already, with its reason."""
    settled = case.settled.get(plan.stop_when, case.settled.get(f"{plan.stop_when}@{met}", frozenset()))
    if recipient.id in settled or EVERYONE in settled:
        return "not_needed", plan.stop_when
    if slot.state != "planned":
        return slot.state, slot.reason
    return ("planned", None) if due is not None else ("too_late", "past_latest_useful")


def _gather(
    plan: ReminderPlan, case: Case, recipient: Recipient, key: Key, step: Step, said: tuple[str, str]
) -> str | None:
    """Which rows become one message if an outage or an hour full of events lets them be due together."""
    policy_key, voice = said
    if step.use == "call_list":
        return None
    if case.gathers and recipient.kind != "person":
        return f"{recipient.kind}|{recipient.id}|{plan.key}|{step.use}|{case.topic}"
    if case.kind == "cell":
        return f"{recipient.kind}|{recipient.id}|{policy_key}|{plan.key}|{step.use}|{voice}"
    if plan.if_late == "merge" and recipient.place_id:
        return f"{recipient.place_id}|{step.use}"
    if plan.if_late == "drop" or len(plan.offsets) == 1:
        return None
    return "|".join((key.subject_id, key.recipient_kind, key.recipient_id, key.kind, str(key.version), key.channel))


def _absorbed(rows: Sequence[Row], policy: Policy) -> list[Row]:
    """A reminder that goes out only because it came to be known late says nothing beside the message of what happened."""
    events = {(r.recipient.kind, r.recipient.id, r.key.channel): r
              for r in rows if r.nature == "event" and r.state == "planned"}  # fmt: skip
    return [_into(r, events.get((r.recipient.kind, r.recipient.id, r.key.channel)), policy) for r in rows]


def _into(row: Row, event: Row | None, policy: Policy) -> Row:
    near = event is not None and abs(row.due_at - event.due_at) <= window(policy)
    if row.nature != "now" or row.state != "planned" or event is None or not near:
        return row
    return replace(row, state="merged", reason="told_by_event", merged_into=event.key.message_id)
