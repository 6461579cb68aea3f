"""``BREAK=<check>``: spoils the one fact behind a check before it is read, to show that the check can fail.

Facts are spoilt where they stand: a service's own tables (as its writer), Kafka, the sink. A ``note`` is what the story
kept of an answer that is given once, or of a bulletin, which its own service cannot change: such a spoil shows that the
check compares, and no more. The check's source in ``demo.json`` says so (``NOTED``).
"""

from typing import Any, Final

from deploy.demo import kaifeng, kaifeng_classes, overdue, pool, reminders, zhengzhou
from deploy.demo.bans import NEXT_YEAR
from deploy.demo.checks import OLD_DAY
from deploy.demo.ledger import Sources
from deploy.demo.spoiling import Spoil, fact, note, record, run, sql
from deploy.demo.stage import NO_SHOW, PROJECT, YEAR, Stage
from deploy.demo.zhengzhou import YEAR as ZHENGZHOU


async def select_the_banned(stage: Stage, sources: Sources) -> None:
    """Next year's place is the banned teacher's after all."""
    person = stage.places[NO_SHOW]["person_id"]
    await run(
        sources.databases["enrolment"], f"update place set person_id = '{person}' where policy_key = '{NEXT_YEAR}'"
    )


async def move_the_banned(stage: Stage, sources: Sources) -> None:
    """The banned teacher's place is one of the province's project after all."""
    person = stage.places[NO_SHOW]["person_id"]
    move = f"update place set cohort = '{zhengzhou.PROVINCIAL}' where person_id = '{person}' and cohort = '{zhengzhou.COHORT}'"
    await run(sources.databases["enrolment"], move)


def forget_rows(outcome: str) -> Spoil:
    """The rows of the story's roster that ended so are gone."""

    async def spoil(stage: Stage, sources: Sources) -> None:
        job = stage.found["import"]["job_id"]
        await run(
            sources.databases["enrolment"], f"delete from import_row where job_id = '{job}' and outcome = '{outcome}'"
        )

    return spoil


async def fail_one(stage: Stage, sources: Sources) -> None:
    """One who was told of the story's class was not reached after all."""
    one = f"select min(message_id) from reminder where class_id = '{stage.class_id}' and kind = 'class-opened' and state = 'accepted'"
    await run(sources.databases["notify"], f"update reminder set state = 'failed' where message_id = ({one})")


async def skip_a_move(stage: Stage, sources: Sources) -> None:
    """One correction of a class that moved twice is of the first day, not of the second."""
    one = f"select min(message_id) from reminder where class_id = '{stage.found['kaifeng_classes'][0]}' and {CORRECTED}"
    await run(
        sources.databases["notify"],
        f"update reminder set previous = '{kaifeng_classes.DAYS[0]}' where message_id = ({one})",
    )


async def remind_of_cancelled(stage: Stage, sources: Sources) -> None:
    """Who was told that a class is called off is reminded of it all the same."""
    own = f"class_id = '{stage.found['kaifeng_classes'][1]}' and kind = '{reminders.KIND}' and state = 'withdrawn'"
    change = "state = 'delivered', settled_at = due_at"
    await run(sources.databases["notify"], f"update reminder set {change} where {own}")


async def swap_bulletins(stage: Stage, _: Sources) -> None:
    """As if the later bulletin had been the first."""
    stage.found["bulletins"] = stage.found["bulletins"][::-1]


async def lose_sms(stage: Stage, sources: Sources) -> None:
    """The newest five SMS are lost on their way."""
    (await stage.http.post(f"{sources.sink}/forget", json={"channel": "sms", "count": 5})).raise_for_status()


async def lose_email(stage: Stage, sources: Sources) -> None:
    """The newest mail is lost on its way."""
    (await stage.http.post(f"{sources.sink}/forget", json={"channel": "email"})).raise_for_status()


async def send_twice(stage: Stage, sources: Sources) -> None:
    """One SMS goes out a second time, as another attempt."""
    await _repeat(stage, sources, "", 99)


async def tell_void_date(stage: Stage, sources: Sources) -> None:
    """An SMS with the day before the move goes out again, after the move."""
    await _repeat(stage, sources, OLD_DAY, 98)


async def _repeat(stage: Stage, sources: Sources, saying: str, attempt: int) -> None:
    held = (await stage.http.get(f"{sources.sink}/messages.json")).raise_for_status().json()["messages"]
    sms = next(m for m in held if m["channel"] == "sms" and saying in m["text"])
    order = {"phone_number": sms["to"], "sign_name": sms["sender"], "template_code": sms["template"],
             "template_param": sms["variables"], "out_id": f"{sms['message_id']}.{attempt}"}  # fmt: skip
    (await stage.http.post(f"{sources.sink}/sms/send", json=order)).raise_for_status()


async def log_a_name(stage: Stage, sources: Sources) -> None:
    """A process writes somebody's name into its log."""
    with (sources.logs / "notify.log").open("a", encoding="utf-8") as log:
        log.write(f'{{"event": "sent to {stage.people[0].name}"}}\n')


def _skip_versions(_: Stage, head: dict[str, str], __: dict[str, Any]) -> None:
    head["ce_streamversion"] = str(int(head["ce_streamversion"]) + 9)


def _name_someone(stage: Stage, _: dict[str, str], body: dict[str, Any]) -> None:
    body["note"] = stage.people[0].private[0]


def _more_places(_: Stage, __: dict[str, str], body: dict[str, Any]) -> None:
    body["places"] += 1


def _nothing(_: Stage, __: dict[str, str], ___: dict[str, Any]) -> None:
    """The same again."""


ANOTHER_BULLETIN: Final = """
insert into bulletin (bulletin_id, policy_key, number, key, year, issuer_path, as_of, frozen_at, frozen_by, restates, reason,
                      content, sha256)
select bulletin_id || '-spoilt', policy_key, number + 1, key, year, issuer_path, as_of, frozen_at, frozen_by, bulletin_id,
       'spoilt', content, sha256
from bulletin order by number desc limit 1"""
GIVEN_AWAY: Final = f"""
update place set person_id = 'spoilt' where place_id = (select max(place_id) from place where cohort = '{pool.COHORT}')"""
A_PLACE_ELSEWHERE: Final = f"""
insert into cell (cell_id, policy_key, project, cohort, unit_id, unit_path, places, synthetic, version)
select 'spoilt', c.policy_key, c.project, c.cohort, u.unit_id, u.path, 1, c.synthetic, 1
from cell c, unit u where c.policy_key = '{YEAR}' and c.project = '{PROJECT}'
  and u.level = 'city' and u.code <> '410100' limit 1"""
CORRECTED: Final = f"""
    kind = 'class-changed' and recipient_kind = 'person' and announced = '{kaifeng_classes.DAYS[2]}' and state = 'delivered'"""
A_PLACE_MORE: Final = f"""
update quota_cell set places = places + 1
where cohort = '{kaifeng.COHORT}' and unit_id = (select unit_id from unit where code = '{kaifeng.SCHOOLS[1]}')"""
ALREADY: Final = f"""
delete from import_row r using import_job j
where r.job_id = j.job_id and j.cohort = '{kaifeng.COHORT}' and r.outcome = 'already'"""
COMPLETED_AFTER_ALL: Final = f"""
update place set dropout_cause = null, dropout_at = null, completed_at = now()
where cohort = '{kaifeng.COHORT}' and dropout_cause = 'not_completed'"""
PROVEN: Final = """
update entry set evidence = replace(evidence::text, '"present": false', '"present": true')::jsonb
where cause = 'no_show' and not complete"""
SENT_LATE: Final = f"""
update reminder set settled_at = settled_at + interval '1 hour' where kind = '{reminders.KIND}' and state = 'delivered'"""
AWAY, LEFT = "checked_in_at is null", "checked_in_at is not null and completed_at is null"
NOTES: Final[dict[str, Spoil]] = {
    "next_year.refused": note("next_year", {"refused": []}),
    "bans.too_early": note("early", "accepted"),
    "pool.refused": note("nominations_refused", []),
    "pool.order": note("chosen", []),
    "bulletin.sealed": note("seals", []),
    "bulletin.frozen": swap_bulletins,
    "zhengzhou.refused": note("refused", []),
    "kaifeng.refused": note("kaifeng_below", None),
    "kaifeng.faults": note("kaifeng_faults", []),
    "kaifeng.by_hand": note("kaifeng_method", "code"),
    "kaifeng.unproven": note("kaifeng_unproven", "accepted"),
}
SPOILS: Final[dict[str, Spoil]] = {
    "league.quota": sql("reporting", f"update cell set places = places + 1 where policy_key = '{YEAR}'"),
    "league.total": sql("reporting", A_PLACE_ELSEWHERE),
    "league.selected": fact("revoked_at = selected_at, expected_at = null", "completed_at is not null", "max"),
    "league.registered": fact("registered_at = null", "registered_at is not null"),
    "league.expected": fact("expected_at = null", f"expected_at is not null and {AWAY}"),
    "league.checked_in": fact("checked_in_at = null", LEFT),
    "league.completed": fact("completed_at = null", "completed_at is not null"),
    "rate.registration-completion": fact("registered_at = null", "registered_at is not null"),
    "rate.checkin": fact("checked_in_at = null", LEFT),
    "rate.selection-quality": fact("met_every_condition = false", "completed_at is not null and met_every_condition"),
    "events.henan-2021.city": record(_more_places),
    "events.henan-2021.institution": sql(
        "reporting", f"update document set on_time = not on_time where policy_key = '{YEAR}'"
    ),
    "events.zhengzhou-2022.county": record(_more_places, year=ZHENGZHOU),
    "events.zhengzhou-2022.institution": sql(
        "reporting", f"update inspection set score = 1 where policy_key = '{ZHENGZHOU}'"
    ),
    "events.gaps": record(_skip_versions),
    "events.split": record(_nothing, elsewhere=True),
    "events.leaks": record(_name_someone),
    "import.bad_rows": forget_rows("error"),
    "import.refused_by_quota": forget_rows("refused"),
    "next_year.held": select_the_banned,
    "bans.states": sql(
        "blacklist", "update entry set state = 'quashed' where cause = 'no_show' and confirmed_at is not null"
    ),
    "bans.confirmed": sql("blacklist", "update entry set confirmed_at = null where cause = 'no_show'"),
    "bans.early": sql("blacklist", "update entry set reply_until = confirmed_at + interval '1 day'"),
    "appeal.told": sql(
        "notify", "update reminder set state = 'unreachable' where version = 5 and kind = 'ban-outcome'"
    ),
    "appeal.given_back": sql("enrolment", f"update place set revoked_at = now() where cohort = '{pool.COHORT}'"),
    "pool.overridden": sql(
        "enrolment", "update nomination set met_every_condition = true where not met_every_condition"
    ),
    "pool.held": sql("enrolment", GIVEN_AWAY),
    "pool.chosen": sql(
        "enrolment", "update nomination set not_chosen_at = null, not_chosen_reason = null where place_id is null"
    ),
    "inspection.score": sql("reporting", f"update inspection set score = 86.25 where policy_key = '{YEAR}'"),
    "inspection.history": sql("enrolment", "delete from inspection_score where reason is not null"),
    "bulletin.reasons": sql("reporting", ANOTHER_BULLETIN),
    "zhengzhou.county": fact(
        "completed_at = null", "completed_at is not null", year=ZHENGZHOU, project=zhengzhou.PROJECT
    ),
    "zhengzhou.institution": sql("reporting", f"update inspection set score = 1 where policy_key = '{ZHENGZHOU}'"),
    "zhengzhou.held_by_banned": move_the_banned,
    "overdue.list": sql("notify", f"update cell set places = places - 1 where project = '{overdue.PROJECT}'"),
    "kaifeng.quota": sql("enrolment", A_PLACE_MORE),
    "kaifeng.roster": sql("enrolment", ALREADY),
    "kaifeng.moves": skip_a_move,
    "kaifeng.cancelled": remind_of_cancelled,
    "kaifeng.fates": sql("enrolment", COMPLETED_AFTER_ALL),
    "kaifeng.evidence": sql("blacklist", PROVEN),
    "kaifeng.figures": fact("completed_at = null", "completed_at is not null", project=kaifeng.PROJECT),
    "reminders.offsets": sql("notify", SENT_LATE),
    "messages.email": lose_email,
    "messages.sms": lose_sms,
    "messages.failed": fail_one,
    "messages.twice": send_twice,
    "messages.void_date": tell_void_date,
    "messages.drift": sql("notify", "update sweep set drift = 1 where day = (select max(day) from sweep)"),
    "documents.on_time": sql("enrolment", "update document set on_time = false"),
    "logs.leaks": log_a_name,
    **NOTES,
}
