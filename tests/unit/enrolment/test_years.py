"""What a year's page reads out of a policy: shapes and sums, marks, and lines of a file."""

import msgspec
import pytest

from services.enrolment.years.domain import (
    Different,
    brief,
    different,
    doubts,
    fractions,
    handed_out,
    line_of,
    marks,
    papers,
    places,
    quoted,
    total,
    yuan,
)
from shared.policy import Change, Policy, load
from shared.policy.lookup import cohort, deadline, rate
from tests.integration.enrolment.ground import KEY, POLICIES


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load((POLICIES / f"{KEY}.yaml").read_text("utf-8"))


@pytest.mark.rule("Q13", "Q14", "K08")
def test_places_keep_their_shape_and_nothing_is_invented(policy: Policy) -> None:
    found = {key: places(policy, cohort(policy, key)) for key in ("trainer", "local-trainer", "team-member")}
    assert (found["trainer"].shape, found["trainer"].total) == ("pool", 150)
    assert (found["trainer"].ratio, found["trainer"].nominations) == ("1:1.2", 180)
    assert (found["local-trainer"].shape, found["local-trainer"].total) == ("tree", 200)
    assert (found["team-member"].each, found["team-member"].total) == (50, 650)
    assert places(policy, cohort(policy, "backbone-teacher")).total is None
    assert places(policy, cohort(policy, "new-teacher")).structure is not None
    assert total(policy) == 20 + 150 + 200 + 650
    assert handed_out(policy) == (1, 20), "a spread that is made up is not handed out"


def test_marks_reach_into_the_parts_of_an_entry(policy: Policy) -> None:
    rural, backbone = cohort(policy, "rural-teacher"), cohort(policy, "backbone-teacher")
    assert marks(rural).synthetic
    assert marks(rural).assumed, "one of its phases is"
    assert not marks(backbone).synthetic
    assert not marks(backbone).assumed
    assert marks(cohort(policy, "local-trainer")).synthetic, "its spread is"


def test_every_doubt_is_listed_with_its_reason(policy: Policy) -> None:
    listed = {d.path: d for d in doubts(policy)}
    assert listed["calendar"].because.startswith("前 leaves open")
    made_up = {path for path, d in listed.items() if d.kind == "synthetic"}
    assert "projects[rural].cohorts[rural-teacher].quota" in made_up
    assert len(made_up) == 3
    assert all(d.because for d in listed.values() if d.kind == "assumed")


@pytest.mark.rule("D04", "M01", "B02")
def test_deadlines_formulas_and_rates_are_put_together(policy: Policy) -> None:
    assert [p.zh for p in papers(policy, deadline(policy, "notice-due"))] == ["报到通知书"]
    measures = fractions(policy, policy.rankings[0])
    assert [(f.formula.key, f.ranked) for f in measures][:1] == [("registration-completion", True)]
    assert [f.formula.key for f in measures if not f.ranked] == ["sending", "completion"]
    online = rate(policy, "online")
    assert yuan(online) == "3"
    assert yuan(rate(policy, "studio")) == "20,000"
    assert yuan(msgspec.structs.replace(online, amount_fen=350)) == "3.50"


def test_differences_fit_a_line() -> None:
    long = Change("texts[x]", "added", None, {"key": "x", "note": "n" * 500})
    (shown,) = different([long])
    assert shown == Different(path="texts[x]", kind="added", old="", new=shown.new)
    assert len(shown.new) == 161
    assert brief({"zh": "名", "en": "name"}) == "名"
    assert brief(value=False) == "false"


def test_a_unit_is_found_by_its_code_and_not_by_a_mention() -> None:
    text = 'units:\n  - {code: "1", reports_to: null}\n  - {code: "12", reports_to: "1"}\n  - code: "3"\n    kind: x\n'
    assert (line_of(text, "1"), line_of(text, "12"), line_of(text, "3"), line_of(text, "9")) == (2, 3, 4, None)
    assert quoted(text, 4) == '- code: "3"'
    assert quoted(text, None) == quoted(text, 99) == ""
