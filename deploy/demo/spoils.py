"""``BREAK=<check>``: spoils the one fact behind a check before it is read, to show that the check can fail.

Facts are spoilt where they stand: a service's own tables (as its writer), Kafka, the sink. Only ``bans.too_early`` is
about an answer that is given once; there the story's note of it is spoilt.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition

from deploy.demo import stranger
from deploy.demo.checks import OLD_DAY
from deploy.demo.ledger import Sources
from deploy.demo.stage import NO_SHOW, YEAR, Stage

Spoil = Callable[[Stage, Sources], Awaitable[None]]


async def run(dsn: str, statement: str) -> None:
    """One statement. Errors: ValueError when it changes nothing, for then nothing would be shown."""
    con = await asyncpg.connect(dsn)
    try:
        done = await con.execute(statement)
    finally:
        await con.close()
    if done.endswith(" 0"):
        raise ValueError(f"nothing was there to spoil: {statement}")


def sql(service: str, statement: str) -> Spoil:
    """Spoil rows of a service's database."""

    async def spoil(_: Stage, sources: Sources) -> None:
        await run(sources.databases[service], statement)

    return spoil


def fact(change: str, where: str, which: str = "min") -> Spoil:
    """Spoil one place of the year in reporting: the first that fits, or the last."""
    one = f"select {which}(place_id) from place where policy_key = '{YEAR}' and {where}"
    return sql("reporting", f"update place set {change} where place_id = ({one})")


async def unban(stage: Stage, sources: Sources) -> None:
    """Enrolment forgets the ban of the one who did not come."""
    person = stage.places[NO_SHOW]["person_id"]
    await run(sources.databases["enrolment"], f"delete from standing_range where person_id = '{person}'")


async def forget_early(stage: Stage, _: Sources) -> None:
    """As if a confirmation before the end of the window had been taken."""
    stage.found["early"] = "accepted"


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


def record(change: Callable[[Stage, dict[str, str], dict[str, Any]], None], *, elsewhere: bool = False) -> Spoil:
    """Add one more record after each quota stream of the year: ``change`` makes headers and body wrong."""

    async def spoil(stage: Stage, sources: Sources) -> None:
        for model in await _last_of_each_cell(sources):
            head, body = stranger.headers(model), json.loads(model.value)
            head["ce_id"] = str(uuid4())
            head["ce_streamversion"] = str(int(head["ce_streamversion"]) + 1)
            change(stage, head, body)
            partition = 1 - model.partition if elsewhere else model.partition
            await _append(sources, TopicPartition(model.topic, partition), head, body)

    return spoil


async def _last_of_each_cell(sources: Sources) -> list[Any]:
    """The newest record of each quota cell of the year."""
    found = [r for r in await stranger.read(sources.kafka, sources.topic_prefix) if _is_quota(r)]
    ordered = sorted(found, key=lambda r: int(stranger.headers(r)["ce_streamversion"]))
    return list({r.key: r for r in ordered}.values())


def _is_quota(found: Any) -> bool:
    is_cell = stranger.headers(found)["ce_type"] == "training.quota.allocated.v1"
    return is_cell and json.loads(found.value)["policy_key"] == YEAR


async def _append(sources: Sources, home: TopicPartition, head: dict[str, str], body: dict[str, Any]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=sources.kafka) as producer:
        headers = [(k, v.encode()) for k, v in head.items()]
        key, value = head["ce_stream"].encode(), json.dumps(body).encode()
        await producer.send_and_wait(home.topic, value, key=key, partition=home.partition, headers=headers)


def _skip_versions(_: Stage, head: dict[str, str], __: dict[str, Any]) -> None:
    head["ce_streamversion"] = str(int(head["ce_streamversion"]) + 9)


def _name_someone(stage: Stage, _: dict[str, str], body: dict[str, Any]) -> None:
    body["note"] = stage.people[0].private[0]


def _more_places(_: Stage, __: dict[str, str], body: dict[str, Any]) -> None:
    body["places"] += 1


def _nothing(_: Stage, __: dict[str, str], ___: dict[str, Any]) -> None:
    """The same again."""


A_PLACE_ELSEWHERE: Final = f"""
insert into cell (cell_id, policy_key, project, cohort, unit_id, unit_path, places, synthetic, version)
select 'spoilt', c.policy_key, c.project, c.cohort, u.unit_id, u.path, 1, c.synthetic, 1
from cell c, unit u where c.policy_key = '{YEAR}' and u.level = 'city' and u.code <> '410100' limit 1"""
SPOILS: Final[dict[str, Spoil]] = {
    "league.quota": sql("reporting", f"update cell set places = places + 1 where policy_key = '{YEAR}'"),
    "league.total": sql("reporting", A_PLACE_ELSEWHERE),
    "league.selected": fact("revoked_at = selected_at, expected_at = null", "completed_at is not null", "max"),
    "league.registered": fact("registered_at = null", "registered_at is not null"),
    "league.expected": fact("expected_at = null", "expected_at is not null"),
    "league.checked_in": fact("checked_in_at = null", "checked_in_at is not null"),
    "league.completed": fact("completed_at = null", "completed_at is not null"),
    "rate.registration-completion": fact("registered_at = null", "registered_at is not null"),
    "rate.checkin": fact("checked_in_at = null", "checked_in_at is not null"),
    "rate.selection-quality": fact("met_every_condition = false", "met_every_condition"),
    "events.henan-2021.city": record(_more_places),
    "events.henan-2021.institution": sql(
        "reporting", f"update document set on_time = not on_time where policy_key = '{YEAR}'"
    ),
    "events.gaps": record(_skip_versions),
    "events.split": record(_nothing, elsewhere=True),
    "events.leaks": record(_name_someone),
    "import.bad_rows": sql("enrolment", "delete from import_row where outcome = 'error'"),
    "import.refused_by_quota": sql("enrolment", "delete from import_row where outcome = 'refused'"),
    "next_year.refused": unban,
    "bans.confirmed": sql("blacklist", "update entry set state = 'quashed' where cause = 'no_show'"),
    "bans.causes": sql("blacklist", "update entry set cause = 'not_completed' where cause = 'dismissed'"),
    "bans.early": sql("blacklist", "update entry set reply_until = confirmed_at + interval '1 day'"),
    "bans.too_early": forget_early,
    "messages.email": lose_email,
    "messages.sms": lose_sms,
    "messages.twice": send_twice,
    "messages.void_date": tell_void_date,
    "messages.drift": sql("notify", "update sweep set drift = 1 where day = (select max(day) from sweep)"),
    "documents.on_time": sql("enrolment", "update document set on_time = false"),
    "logs.leaks": log_a_name,
}
