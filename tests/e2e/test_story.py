"""One class from publication to league table, through four processes, Kafka, PostgreSQL, SMTP and HTTP."""

import dataclasses
from datetime import datetime

import pytest

from deploy.demo import stranger
from deploy.demo.checks import examine
from deploy.demo.spoils import SPOILS
from shared.client import client
from tests.support.played import Played


def test_every_check_of_the_story_holds(played: Played) -> None:
    wrong = [c for c in played.ledger.checks if not c.holds]
    assert not wrong
    assert {c.name for c in played.ledger.checks} == set(SPOILS)


def test_a_killed_service_keeps_its_simulated_instant(played: Played) -> None:
    restarts = played.stage.found["restarts"]
    assert {name for name, _, _ in restarts} == {"enrolment", "notify", "reporting", "blacklist"}
    assert all(datetime.fromisoformat(before) == datetime.fromisoformat(after) for _, before, after in restarts)


@pytest.mark.rule("L12")
def test_next_year_refuses_the_banned_teacher_and_takes_the_other(played: Played) -> None:
    answer = played.stage.found["next_year"]
    assert [r["code"] for r in answer["refused"]] == ["banned"]
    assert len(answer["selected"]) == 1


async def test_what_follows_from_an_event_carries_its_trace_into_the_next_service(played: Played) -> None:
    """A check-in that is closed over HTTP leads to cases in the record."""
    heads = [stranger.headers(r) for r in await stranger.read(played.place.kafka, played.place.topic_prefix)]
    by_id = {head["ce_id"]: head for head in heads}
    led = [(by_id[head["ce_causationid"]], head) for head in heads if "ce_causationid" in head]
    assert ("enrolment", "blacklist") in {(a["ce_source"], b["ce_source"]) for a, b in led}
    for cause, head in led:
        assert head["ce_traceparent"].split("-")[1] == cause["ce_traceparent"].split("-")[1]
        assert head["ce_correlationid"] == cause["ce_correlationid"]


async def test_every_check_can_fail(played: Played) -> None:
    """Spoils the story, so it stands last among those who look at it."""
    async with client(60) as http:
        stage = dataclasses.replace(played.stage, http=http)
        for spoil in SPOILS.values():
            await spoil(stage, played.sources)
        ledger = await examine(stage, played.sources)
    assert [c.name for c in ledger.checks if c.holds] == []
