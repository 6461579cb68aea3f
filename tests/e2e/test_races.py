"""Proof 5: two enrolment processes, everything at the same moment; quota holds, and no ban stands beside a place.

The bans are decided as in life: last year the teachers did not come to their class, which led to proposals; all were
told, nobody replied, and one officer has confirmed. The second officer's words reach blacklist over HTTP while enrolment selects.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from deploy.demo import stranger
from deploy.local.servers import Servers
from shared.client import client
from tests.support.oracle import rows
from tests.support.played import new_stage
from tests.support.racing import (
    AT_ONCE,
    COUNTY,
    SCHOOL,
    YEAR,
    Decision,
    Ground,
    at_the_same_moment,
    held,
    pass_down,
    prepared,
    select_all,
    settled,
)
from tests.support.servers import running_loop

CROWD, QUOTA = 500, 20
BYSTANDER = 11  # every eleventh proposal is quashed at the last word, and that teacher keeps the place
TEACHERS, AGAIN = 220, 110
PLACES = "select person_id, place_id, revoked_by from place join programme using (programme_id) where key = $1"


@pytest.fixture(scope="module")
def ground(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ExitStack() as stack:
        loop = stack.enter_context(running_loop())
        context = prepared(servers, tmp_path_factory.mktemp("race") / "run", TEACHERS + AGAIN, CROWD)
        there = loop(context.__aenter__())
        stack.callback(lambda: loop(context.__aexit__(None, None, None)))
        yield there


async def give(ground: Ground, places: int) -> None:
    async with client(60) as http:
        await pass_down(new_stage(ground.place, http), "county", COUNTY, SCHOOL, places)


async def placed(ground: Ground, people: Sequence[str]) -> dict[str, list[Any]]:
    """``person -> places`` of this year, whatever became of them."""
    found = await rows(ground.place.databases["enrolment"], PLACES, YEAR)
    return {p: [r for r in found if r["person_id"] == p] for p in people}


async def told(ground: Ground) -> dict[str, Counter[str]]:
    """``person -> how many events of each kind`` the streams of this year's places hold, read from Kafka."""
    histories = stranger.fold(await stranger.read(ground.place.kafka, ground.place.topic_prefix))
    counts: dict[str, Counter[str]] = {}
    for history in histories:
        if history[0][0] == "training.trainee.selected.v1" and history[0][1]["policy_key"] == YEAR:
            counts.setdefault(history[0][1]["person_id"], Counter()).update(t.split(".")[2] for t, _ in history)
    return counts


async def test_500_selections_at_once_against_20_places_on_two_processes(ground: Ground) -> None:
    await give(ground, QUOTA)
    outcomes = await select_all(ground, ground.crowd, CROWD)
    selected = {o.person_id for o in outcomes if o.place_id}
    assert Counter(o.code for o in outcomes) == {None: QUOTA, "quota-used-up": CROWD - QUOTA}
    assert Counter(o.origin for o in outcomes) == dict.fromkeys(ground.origins, CROWD // 2)
    places = await placed(ground, ground.crowd)
    assert {p for p, found in places.items() if found} == selected
    assert sum(len(found) for found in places.values()) == QUOTA
    await settled(ground)
    assert await told(ground) == {p: Counter(selected=1) for p in selected}


@pytest.mark.parametrize(
    ("first", "last", "lead"),
    [(0, TEACHERS, AT_ONCE), (TEACHERS, None, AGAIN // 2)],
    ids=["early-bans-in-any-order", "late-bans-backwards"],
)
async def test_a_ban_wins_over_a_selection_at_the_same_moment(
    ground: Ground, first: int, last: int | None, lead: int
) -> None:
    await give(ground, CROWD + TEACHERS + AGAIN)
    people = list(ground.accused)[first:last]
    decisions = [
        Decision(ground.accused[p], p, "confirmations" if i % BYSTANDER else "quash") for i, p in enumerate(people)
    ]
    said = random.Random(7).sample(decisions, len(decisions)) if last else decisions[::-1]
    outcomes = await at_the_same_moment(ground, people, said, lead)
    await settled(ground)

    covered = {d.person_id: d.entry_id for d in decisions if d.how == "confirmations"}
    refused = {o.person_id for o in outcomes if o.code}
    revoked, bystanders = set(covered) - refused, set(people) - set(covered)
    assert len(covered) == len(people) * 10 // 11
    assert {o.code for o in outcomes} == {None, "banned"}
    assert refused <= set(covered)
    assert refused, "some met their ban when they were selected"
    assert revoked, "some had a place when their ban came"

    places = await placed(ground, people)
    assert not [p for p in refused if places[p]]
    assert {p: [r["revoked_by"] for r in places[p]] for p in revoked} == {p: [covered[p]] for p in revoked}
    assert {p: [r["revoked_by"] for r in places[p]] for p in bystanders} == {p: [None] for p in bystanders}

    events = await told(ground)
    assert not refused & set(events)
    assert {p: events[p] for p in revoked} == {p: Counter(selected=1, revoked=1) for p in revoked}
    assert {p: events[p] for p in bystanders} == {p: Counter(selected=1) for p in bystanders}

    messages = Counter((m["recipient_id"], m["channel"]) for m in await held(ground) if m["kind"] == "ban-outcome")
    assert [messages[p, channel] for p in people for channel in ("email", "sms")] == [1, 1] * len(people)
