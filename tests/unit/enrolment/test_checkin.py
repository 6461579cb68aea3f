from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.checkin.domain import (
    count,
    decide_closing,
    decide_completion,
    give_codes,
    make_token,
    normalise,
    not_absent,
    on_list,
    outcome,
    place_of,
    proves,
    undecided,
)
from services.enrolment.checkin.domain.codes import ALPHABET
from services.enrolment.places.domain import (
    CheckIn,
    DropOut,
    Excuse,
    Place,
    Revoke,
    apply,
    decide_check_in,
    decide_drop_out,
    decide_excuse,
    decide_revoke,
)
from shared.events.enrolment import (
    TraineeCheckedIn,
    TraineeCompleted,
    TraineeDropoutRecorded,
    TraineeExcused,
    TraineeExpected,
)
from shared.events.enrolment.places import PlaceEvent
from tests.unit.enrolment.room import at, listed, policy, scheduled

KEY = b"k" * 32
IDS = st.lists(st.uuids(version=4), min_size=1, max_size=60, unique=True).map(lambda ids: [str(i) for i in ids])
DID = st.lists(st.sampled_from(["came", "excused", "both", "nothing", "revoked"]), max_size=25)


def after(places: dict[str, Place], events: Iterable[PlaceEvent]) -> dict[str, Place]:
    for event in events:
        places = {**places, event.place_id: apply(places[event.place_id], event)}
    return places


def arrived(places: dict[str, Place], ids: list[str]) -> dict[str, Place]:
    klass = scheduled()
    commands = [CheckIn(place_id=i, class_id="class", method="qr", opens_at=klass.checkin_opens_at,
                        closes_at=klass.checkin_closes_at) for i in ids]  # fmt: skip
    return after(places, decide_check_in(commands, places, at(8, 26, 10)).events)


def excused(places: dict[str, Place], ids: list[str]) -> dict[str, Place]:
    commands = [Excuse(place_id=i, reason="illness", evidence=["medical_certificate"], accepted_by="city") for i in ids]
    return after(places, decide_excuse(commands, places, policy(), at(8, 26, 9)).events)


def room(did: list[str]) -> dict[str, Place]:
    places = listed(len(did))
    which = {word: [f"place-{i}" for i, w in enumerate(did) if w == word] for word in set(did)}
    places = excused(places, which.get("excused", []) + which.get("both", []))
    places = arrived(places, which.get("came", []) + which.get("both", []))
    gone = [Revoke(place_id=i, entry_id="entry") for i in which.get("revoked", [])]
    return after(places, decide_revoke(gone, places, at(8, 20)).events)


@pytest.mark.rule("L02", "L05")
@settings(deadline=None)
@given(did=DID)
def test_every_place_on_the_list_ends_in_exactly_one_way(did: list[str]) -> None:
    places = room(did)
    counts = count(places.values())
    decision = decide_closing("class", places, at(8, 27, 18))
    assert not decision.refusals
    expected = [e.place_id for e in decision.events if isinstance(e, TraineeExpected)]
    dropped = [e for e in decision.events if isinstance(e, TraineeDropoutRecorded)]
    assert sorted(expected) == sorted(p.place_id for p in on_list(places.values()))
    assert counts.expected == len(expected) == counts.checked_in + counts.excused + counts.absent
    assert counts.checked_in <= counts.expected
    closed = after(places, decision.events)
    for place in on_list(closed.values()):
        ways = [place.checked_in_at is not None, place.dropout_cause == "no_show",
                place.checked_in_at is None and place.excused_at is not None]  # fmt: skip
        assert sum(ways) == 1
        assert (outcome(place) == "no_show") == (place.dropout_cause == "no_show")
    assert {e.cause for e in dropped} <= {"no_show"}
    assert len(decision.events) == len(expected) + len(dropped)


@settings(deadline=None)
@given(did=DID)
def test_closing_twice_changes_nothing_more(did: list[str]) -> None:
    places = room(did)
    closed = after(places, decide_closing("class", places, at(8, 27, 18)).events)
    assert decide_closing("class", closed, at(8, 27, 19)).events == []


@settings(deadline=None)
@given(did=DID, data=st.data())
def test_completion_is_for_those_who_came_and_decides_each_once(did: list[str], data: st.DataObject) -> None:
    places = after(room(did), decide_closing("class", room(did), at(8, 27, 18)).events)
    came = [p.place_id for p in undecided(places.values())]
    assert came == [p.place_id for p in on_list(places.values()) if p.checked_in_at]
    done = [i for i in came if data.draw(st.booleans())]
    failed = {i: f"record-{i}" for i in came if i not in done}
    assert undecided(places.values(), [*done, *failed]) == []
    decision = decide_completion(places, done, failed, at(9, 10))
    assert not decision.refusals
    assert {e.place_id for e in decision.events if isinstance(e, TraineeCompleted)} == set(done)
    records = {e.place_id: e.evidence for e in decision.events if isinstance(e, TraineeDropoutRecorded)}
    assert records == {i: [f"record-{i}"] for i in failed if places[i].excused_at is None}
    ended = after(places, decision.events)
    assert sum(p.completed_at is not None for p in ended.values()) <= count(ended.values()).checked_in
    assert all(p.excused_at for p in undecided(ended.values()))


@pytest.mark.rule("L03", "L04")
def test_dismissal_and_failure_are_causes_of_their_own() -> None:
    places = arrived(listed(3), ["place-0", "place-1", "place-2"])
    early = decide_drop_out([DropOut(place_id="place-0", cause="dismissed", evidence=["s"])], places, at(8, 27, 9))
    assert [r.code for r in early.refusals] == ["not-expected"]
    places = after(places, decide_closing("class", places, at(8, 27, 18)).events)
    dismissal = decide_drop_out([DropOut(place_id="place-0", cause="dismissed", evidence=["s"])], places, at(9, 1))
    places = after(places, dismissal.events)
    ended = decide_completion(places, ["place-1"], {"place-2": "r"}, at(9, 10))
    causes = [
        (e.place_id, e.cause, e.evidence)
        for e in [*dismissal.events, *ended.events]
        if isinstance(e, TraineeDropoutRecorded)
    ]
    assert causes == [("place-0", "dismissed", ["s"]), ("place-2", "not_completed", ["r"])]
    again = decide_completion(after(places, ended.events), ["place-0"], {}, at(9, 11))
    assert [r.code for r in again.refusals] == ["place-dropped-out"]


@pytest.mark.rule("L05")
def test_an_absence_needs_a_reason_of_the_policy_and_its_evidence() -> None:
    reasons = {r.key: list(r.evidence) for r in policy().participation.accepted_reasons}
    assert set(reasons) == {"illness", "maternity", "bereavement", "official_duty", "public_health", "class_moved"}
    places = listed(1)
    for reason, evidence in reasons.items():
        bare = decide_excuse(
            [Excuse(place_id="place-0", reason=reason, evidence=[], accepted_by="c")], places, policy(), at(8, 26)
        )
        assert [(r.code, r.vars) for r in bare.refusals] == [
            ("evidence-missing", {"missing": [policy().terms.called("evidence", kind) for kind in evidence]})
        ]
        full = [Excuse(place_id="place-0", reason=reason, evidence=evidence, accepted_by="c")]
        assert [type(e) for e in decide_excuse(full, places, policy(), at(8, 26)).events] == [TraineeExcused]
    busy = [Excuse(place_id="place-0", reason="busy", evidence=["x"], accepted_by="c")]
    assert [r.code for r in decide_excuse(busy, places, policy(), at(8, 26)).refusals] == ["reason-not-accepted"]
    here = arrived(places, ["place-0"])["place-0"]
    refusal = not_absent(here)
    assert refusal is not None
    assert refusal.code == "already-checked-in"


def test_the_window_is_inclusive_at_both_ends() -> None:
    klass, places = scheduled(), listed(1)
    command = CheckIn(place_id="place-0", class_id="class", method="qr", opens_at=klass.checkin_opens_at,
                      closes_at=klass.checkin_closes_at)  # fmt: skip
    second = timedelta(seconds=1)
    outcomes = [decide_check_in([command], places, moment) for moment in
                (klass.checkin_opens_at - second, klass.checkin_opens_at, klass.checkin_closes_at, klass.checkin_closes_at + second)]  # fmt: skip
    assert [[type(e) for e in o.events] for o in outcomes] == [[], [TraineeCheckedIn], [TraineeCheckedIn], []]
    assert [r.code for o in outcomes for r in o.refusals] == ["checkin-not-open", "checkin-closed"]


@settings(deadline=None)
@given(ids=IDS, period=st.integers(1, 99))
def test_codes_are_short_readable_and_never_the_same_in_a_class(ids: list[str], period: int) -> None:
    codes = give_codes(KEY, "class", period, ids, [])
    assert list(codes) == ids
    assert len(set(codes.values())) == len(ids)
    for code in codes.values():
        assert code[:3] == f"{period:02d}-"
        assert set(code[3:]) <= set(ALPHABET)
        assert {
            normalise(typed) for typed in (code, code.lower(), code.replace("-", ""), f" {code[:2]} {code[3:]} ")
        } == {code}
    assert give_codes(KEY, "class", period, ids, []) == codes
    assert not set(give_codes(KEY, "class", period, ids, list(codes.values())).values()) & set(codes.values())


def test_full_width_codes_are_read() -> None:
    assert normalise("０７－４ｋ２ｍ") == "07-4K2M"


@settings(deadline=None)
@given(place=st.uuids(version=4), other=st.uuids(version=4))
def test_a_token_proves_one_place_in_one_class(place: UUID, other: UUID) -> None:
    token = make_token(KEY, "class", str(place))
    assert place_of(token) == str(place)
    assert proves(KEY, "class", str(place), token)
    assert not proves(KEY, "another class", str(place), token)
    assert not proves(b"x" * 32, "class", str(place), token)
    assert place == other or not proves(KEY, "class", str(other), token)


@pytest.mark.parametrize("text", ["", "07-4K2M", "not a token", "中文", "AAAA", "a" * 200, "g" * 52, "A" * 52])
def test_what_is_no_token_names_no_place(text: str) -> None:
    assert place_of(text) is None
