"""One class from publication to league table, through four processes, Kafka, PostgreSQL, SMTP and HTTP."""

import dataclasses
import itertools
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from deploy.demo import stranger
from deploy.demo.checks import PARTS, Part
from deploy.demo.ledger import NOTED, Ledger, Sources
from deploy.demo.run import conclude
from deploy.demo.spoils import NOTES, SPOILS
from deploy.demo.stage import YEAR, Stage
from deploy.demo.tables import RANKED, figures, published
from deploy.local.paths import SERVICES
from shared.client import client
from tests.support import alone
from tests.support.played import Played
from tests.support.spoiling import BESIDE, UNDONE, ground


def test_every_check_of_the_story_holds(played: Played) -> None:
    wrong = [c for c in played.ledger.checks if not c.holds]
    assert not wrong, wrong
    assert {c.name for c in played.ledger.checks} == set(SPOILS)
    assert {c.name for c in played.ledger.checks if c.source.startswith(NOTED)} == set(NOTES)


def test_a_killed_service_keeps_its_simulated_instant(played: Played) -> None:
    restarts = played.trials.restarts
    assert {name for name, _, _ in restarts} == set(SERVICES)
    assert all(before == after for _, before, after in restarts)


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


def read_alone(folder: Path, sources: Sources, forbidden: Iterable[str]) -> Any:
    """What the stranger prints as a process that has aiokafka and nothing else."""
    home = alone.beside(folder / "only", Path(stranger.__file__).parent, "aiokafka")
    words = folder / "forbidden.txt"
    words.write_text("\n".join(forbidden), encoding="utf-8")
    done = alone.run(home, "-m", "stranger", sources.kafka, sources.topic_prefix, "--forbidden", str(words))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_the_stranger_comes_to_every_printed_table_with_aiokafka_alone(played: Played, tmp_path: Path) -> None:
    found = read_alone(tmp_path, played.sources, played.stage.private)
    assert (found["leaks"], found["gaps"], found["split"]) == ([], [], [])
    async with client(60) as http:
        province = await dataclasses.replace(played.stage, http=http).as_("province")
        printed = {key: await published(province, *key.split("/")) for key in found["tables"]}
    assert figures(found["tables"]) == figures(printed)
    assert {(year, level) for year, _, level, _ in (key.split("/") for key in printed)} >= {
        (year, level) for year, levels in RANKED.items() for level in levels
    }
    assert printed[f"{YEAR}/quality-2021/city/checkin"]["410100"]["rates"]["checkin"]["percent"] == "90.00"


async def test_the_stranger_alone_names_a_leak_a_gap_and_a_split_stream(played: Played, tmp_path: Path) -> None:
    async with ground(played, "events.leaks") as sources:
        for name in ("leaks", "gaps", "split"):
            await SPOILS[f"events.{name}"](played.stage, sources)
        found = read_alone(tmp_path, sources, played.stage.private)
    assert all(found[name] for name in ("leaks", "gaps", "split")), found


async def failing(part: Part, stage: Stage, sources: Sources) -> set[str]:
    """Which checks of a part do not hold."""
    ledger = Ledger()
    await part(stage, sources, ledger)
    return {check.name for check in ledger.checks if not check.holds}


async def part_of_each_check(stage: Stage, sources: Sources) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for part in PARTS:
        ledger = Ledger()
        await part(stage, sources, ledger)
        found |= dict.fromkeys([check.name for check in ledger.checks], part)
    return found


def told(report: Path) -> tuple[bool, str | None, set[str]]:
    """What ``demo.json`` says: whether all holds, what was spoilt, and which checks failed."""
    body = json.loads(report.read_text())
    return body["holds"], body["broken"], {c["name"] for c in body["checks"] if not c["holds"]}


async def test_the_exit_code_is_1_and_the_account_names_the_check_that_was_broken(
    played: Played, tmp_path: Path
) -> None:
    async with client(60) as http, ground(played, "events.leaks") as sources:
        stage = dataclasses.replace(played.stage, http=http)
        place = dataclasses.replace(played.place, topic_prefix=sources.topic_prefix, report=tmp_path / "demo.json")
        assert await conclude(stage, place, time.monotonic(), None) == 0
        assert told(place.report) == (True, None, set())
        assert await conclude(stage, place, time.monotonic(), "events.leaks") == 1
        assert told(place.report) == (False, "events.leaks", {"events.leaks"})


async def test_each_spoil_breaks_its_own_check_and_of_its_part_only_those_named_beside_it(played: Played) -> None:
    """Spoils the story, so it stands last among those who look at it.

    Of each part those that are put back come first. What one of the others leaves broken counts for it alone: that a later
    one breaks it too would not show. That a check still held before its own spoil does.
    """
    broken = dict[str, set[str]]()
    async with client(60) as http:
        stage = dataclasses.replace(played.stage, http=http)
        parts = await part_of_each_check(stage, played.sources)
        ordered = sorted(SPOILS, key=lambda name: (PARTS.index(parts[name]), name not in UNDONE))
        for part, names in itertools.groupby(ordered, key=parts.__getitem__):
            standing = await failing(part, stage, played.sources)
            for name in names:
                spoilt = dataclasses.replace(stage, found=dict(stage.found))
                async with ground(played, name) as sources:
                    await SPOILS[name](spoilt, sources)
                    found = await failing(part, spoilt, sources)
                broken[name] = found - standing
                if name not in UNDONE:
                    standing |= found
    named = {name: {name} | BESIDE.get(name, set()) for name in SPOILS}
    odd = {name: (sorted(found), sorted(named[name])) for name, found in broken.items() if found != named[name]}
    assert not odd, f"broken by a spoil, and named beside it: {odd}"
    assert broken.keys() == named.keys()
