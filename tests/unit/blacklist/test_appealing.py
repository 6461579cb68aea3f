"""What may follow a decision, and what an entry of each year bars."""

from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services.blacklist.cases.domain import stage, steps
from services.blacklist.entries.domain.appealing import appeal, appeal_until, lift, uphold
from services.blacklist.entries.domain.calendar import bars, ranges
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import confirm, quash
from services.blacklist.entries.domain.overriding import Ask, override
from services.blacklist.entries.domain.settling import evolve, learn
from services.blacklist.entries.routes import problem_of
from shared.events.blacklist import BanAppealed, BanEvent, BanLifted, BanOverridden, BanQuashed, BanUpheld
from shared.policy import load
from shared.policy.bans import BanRule
from shared.policy.common import Text
from shared.policy.sources import Term, Terms
from shared.texts import Texts
from tests.unit.blacklist.given import rule
from tests.unit.blacklist.test_deciding import by, entry, refused

POLICIES = Path(__file__).parents[3] / "deploy" / "policies"
SPAN = {"calendar_days": 15}
APPEAL = {"allowed": True, "within": SPAN, "decide_within": {"calendar_days": 30}, "decided_by": "410000"}
LAST = datetime.fromisoformat("2021-09-28T23:59:59+08:00")  # confirmed on 13 September
NOW = LAST - timedelta(days=3)


def confirmed(**changes: object) -> Entry:
    told = msgspec.structs.replace(entry(), rule=rule(**{"appeal": APPEAL, **changes}))
    (banned,) = confirm(told, [by("li")], by("wang"), {})
    return evolve(told, banned, told.version + 1)


def after(given_entry: Entry, *events: BanEvent) -> Entry:
    for event in events:
        given_entry = evolve(given_entry, event, given_entry.version + 1)
    return given_entry


@pytest.mark.rule("L10")
def test_an_appeal_is_taken_once_until_the_last_second_and_is_due_in_thirty_days() -> None:
    assert appeal_until(confirmed()) == LAST
    (event,) = appeal(confirmed(), "通知寄到了旧地址", LAST)
    assert isinstance(event, BanAppealed)
    assert event.decide_by == datetime.fromisoformat("2021-10-28T23:59:59+08:00")
    waiting = after(confirmed(), event)
    assert (waiting.state, stage(waiting, 2, LAST)) == ("confirmed", "appeal")
    assert [s.what for s in steps(waiting, [], LAST)][-3:] == ["appealed", "waits", "decide_by"]
    assert refused(lambda: appeal(waiting, "再说", LAST)).code == "already-appealed"
    assert refused(lambda: appeal(confirmed(), "晚了", LAST + timedelta(seconds=1))).code == "appeal-closed"
    assert refused(lambda: appeal(entry(), "早了", NOW)).code == "not-decided"
    assert refused(lambda: appeal(confirmed(appeal=None), "没有", NOW)).code == "no-appeal"
    assert refused(lambda: appeal(confirmed(), " ", NOW)).code == "words-missing"


def test_an_appeal_ends_by_upholding_or_by_what_undoes_the_ban() -> None:
    waiting = after(confirmed(), *appeal(confirmed(), "不服", NOW))
    (upheld,) = uphold(waiting, "送达有回执", "zhao", NOW)
    assert isinstance(upheld, BanUpheld)
    assert (after(waiting, upheld).ranges, stage(after(waiting, upheld), 2, NOW)) == (waiting.ranges, "in_force")
    assert refused(lambda: uphold(after(waiting, upheld), "再来", "zhao", NOW)).code == "not-appealed"
    assert refused(lambda: uphold(confirmed(), "没有申诉", "zhao", NOW)).code == "not-appealed"
    (void,) = quash(waiting, "不成立", NOW)
    assert isinstance(void, BanQuashed)
    assert (void.reason, stage(after(waiting, void), 2, NOW)) == ("appeal", "quashed")


def test_a_lifted_ban_bars_until_yesterday() -> None:
    (event,) = lift(confirmed(), "已补训", "zhao", datetime.fromisoformat("2022-06-01T00:00:00+08:00"))
    assert isinstance(event, BanLifted)
    free = after(confirmed(), event)
    assert (free.state, stage(free, 2, NOW)) == ("lifted", "lifted")
    found = [bars(free.ranges, "province", ["in_person"], date(2022, 5, 31) + timedelta(days=n)) for n in (0, 1)]
    assert [r is not None for r in found] == [True, False]
    (same_day,) = lift(confirmed(), "已补训", "zhao", datetime.fromisoformat("2021-09-13T12:00:00+08:00"))
    assert isinstance(same_day, BanLifted)
    assert same_day.ranges == []
    over = datetime.fromisoformat("2024-09-14T00:00:00+08:00")
    assert refused(lambda: lift(confirmed(), "晚了", "zhao", over)).code == "not-in-force"
    assert refused(lambda: lift(free, "再来", "zhao", NOW)).code == "not-in-force"


def test_own_events_teach_an_older_copy_each_thing_once() -> None:
    appealed = appeal(confirmed(), "不服", NOW)
    upheld = uphold(after(confirmed(), *appealed), "送达有回执", "zhao", NOW)
    lifted = lift(confirmed(), "已补训", "zhao", NOW)
    taught = confirmed()
    for version, event in enumerate([*appealed, *upheld, *lifted], start=taught.version + 1):
        taught = learn(taught, event, version)
    assert isinstance(appealed[0], BanAppealed)
    assert (taught.state, taught.upheld_at, taught.decide_by) == ("lifted", NOW, appealed[0].decide_by)
    assert [learn(taught, e, taught.version) == taught for e in (*appealed, *upheld, *lifted)] == [True] * 3


def published(key: str) -> BanRule:
    ban = load((POLICIES / f"{key}.yaml").read_text("utf-8")).ban
    assert ban is not None
    return ban


SCOPES = [("province", "in_person"), ("province", "online"), ("national", "in_person"), ("national", "online"),
          ("city", "in_person")]  # fmt: skip


@pytest.mark.rule("L06", "L07", "L08")
@pytest.mark.parametrize(
    ("key", "barred", "force"),
    [
        ("henan-2021", [True, False, False, False, False], "absolute"),
        ("zhengzhou-2022", [True, True, True, True, False], "in_principle"),
    ],
)
def test_each_years_rule_bars_its_own_plans_and_forms(key: str, barred: list[bool], force: str) -> None:
    made = ranges(published(key), {}, date(2024, 2, 29))
    assert [(r.starts_on, r.ends_before, r.force) for r in made] == [(date(2024, 2, 29), date(2027, 3, 1), force)]
    assert [bars(made, level, [form], date(2027, 2, 28)) is not None for level, form in SCOPES] == barred
    assert not [s for s in SCOPES if bars(made, s[0], [s[1]], date(2027, 3, 1))]


TEXTS = Texts.load(Path(__file__).parents[3] / "services" / "blacklist" / "texts.yaml")
OVERRIDE = {"by": "410000", "reason": "required", "evidence": ["unit_statement"]}


@pytest.mark.rule("L06", "L07")
def test_only_what_holds_in_principle_is_overridden_and_only_with_its_evidence() -> None:
    ask = Ask(policy_key="zhengzhou-2022", words="唯一的专任教师", evidence=["unit_statement"])
    loose = confirmed(force="in_principle", override=OVERRIDE)
    names = Text(zh="校长来信", en="Letter of the head")
    terms = Terms(evidence=(Term(key="unit_statement", names=names),))
    loose = msgspec.structs.replace(loose, rule=msgspec.structs.replace(loose.rule, terms=terms))
    (event,) = override(loose, ask, "zhao", NOW)
    assert isinstance(event, BanOverridden)
    excepted = after(loose, event)
    assert (excepted.state, excepted.ranges, excepted.overridden) == ("confirmed", loose.ranges, ("zhengzhou-2022",))
    assert refused(lambda: override(excepted, ask, "zhao", NOW)).code == "already-overridden"
    assert refused(lambda: override(confirmed(), ask, "zhao", NOW)).code == "ban-absolute"
    bare = msgspec.structs.replace(ask, evidence=[])
    no = refused(lambda: override(loose, bare, "zhao", NOW))
    assert (no.code, no.details) == ("override-evidence-missing", {"missing": [names]})
    said = problem_of(no, TEXTS).details["missing"]
    assert (said.zh, said.en) == ("校长来信", "Letter of the head")
    assert refused(lambda: override(entry(), ask, "zhao", NOW)).code == "not-in-force"
