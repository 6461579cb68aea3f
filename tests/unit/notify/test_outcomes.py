from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notify.email.domain import message_id, refused, uid
from services.notify.sending.domain import SAID, TRIES, Outcome, Result, back_off, event_of
from services.notify.sms.domain import AGAIN, looked_up, outcome
from shared.events.notify import MessageDelivered, MessageFailed, MessageSent
from tests.unit.notify.given import at


@pytest.mark.parametrize(("status", "said", "result"), [
    (200, {"code": "OK", "biz_id": "7"}, "accepted"),
    (200, {"code": "isv.BUSINESS_LIMIT_CONTROL"}, "deferred"),
    (200, {"code": "isp.SYSTEM_UPGRADE"}, "deferred"),
    (429, None, "deferred"),
    (200, {"code": "isv.MOBILE_NUMBER_ILLEGAL"}, "rejected"),
    (200, {"code": "isv.BLACK_KEY_CONTROL_LIMIT"}, "rejected"),
    (200, None, "in_doubt"),
    (200, ["OK"], "in_doubt"),
    (502, {}, "in_doubt"),
    (200, {"code": 0}, "in_doubt"),
])  # fmt: skip
def test_an_answer_of_the_gateway(status: int, said: object, result: str) -> None:
    assert outcome(status, said).result == result


def test_a_look_up_finds_it_does_not_or_does_not_answer() -> None:
    found, nothing, garbage = looked_up({"found": True, "biz_id": "7"}), looked_up({"found": False}), looked_up("?")
    assert found == Outcome("accepted", "OK", "7")
    assert nothing is None
    assert garbage is not None
    assert garbage.result == "in_doubt"


@pytest.mark.parametrize(
    ("code", "result"), [(421, "deferred"), (451, "deferred"), (550, "rejected"), (554, "rejected")]
)
def test_a_refusal_of_the_mail_server(code: int, result: Result) -> None:
    assert refused(code) == Outcome(result, f"smtp-{code}")


def test_what_is_refused_again_and_again_has_failed() -> None:
    busy = Outcome("deferred", "isv.BUSINESS_LIMIT_CONTROL")
    assert [busy.state(n) for n in (1, TRIES - 1, TRIES)] == ["planned", "planned", "failed"]
    waits = [back_off(n).total_seconds() for n in range(10)]
    assert waits == sorted(waits)


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
bodies: st.SearchStrategy[Any] = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.fixed_dictionaries(
        {}, optional={"code": scalars | st.sampled_from(["OK", *AGAIN]), "biz_id": scalars, "found": scalars}
    )
)
results = st.sampled_from(["accepted", "rejected", "deferred", "in_doubt"])
ids = st.sampled_from([str(UUID(int=n)) for n in range(3)])  # few, so that equal ones meet


@given(st.integers(100, 599), bodies)
@example(502, {"code": "OK"})
def test_only_the_gateways_own_words_send_again_or_end_a_message(status: int, said: Any) -> None:
    """Whatever a proxy makes of the answer: without a code of the gateway the call stays in doubt, so nobody repeats it."""
    found = outcome(status, said)
    worded = isinstance(said, dict) and isinstance(said.get("code"), str)
    assert worded or status == 429 or found.result == "in_doubt"
    assert (found.result == "accepted") <= (worded and said["code"] == "OK")
    assert (found.result == "deferred") <= (status == 429 or (worded and said["code"] in AGAIN))
    assert (found.state(1) == "planned") == (found.result == "deferred")


@given(bodies)
def test_a_look_up_denies_a_message_only_in_so_many_words(said: Any) -> None:
    """None lets the message go out once more."""
    assert (looked_up(said) is None) == (isinstance(said, dict) and said.get("found") is False)


@given(st.lists(results, min_size=TRIES + 1, max_size=3 * TRIES))
def test_a_message_is_called_so_often_at_most_and_again_only_after_a_sure_refusal(answers: list[Result]) -> None:
    calls, state = 0, "planned"
    while state == "planned":
        answer, calls = answers[calls], calls + 1
        state = Outcome(answer).state(calls)
    assert calls <= TRIES
    assert answers[: calls - 1] == ["deferred"] * (calls - 1)
    assert (state == "accepted") == (answer == "accepted")
    assert (state == "in_doubt") == (answer == "in_doubt")


@given(st.integers(400, 599))
def test_a_mail_goes_out_again_only_where_the_server_asks_for_it(code: int) -> None:
    assert (refused(code).state(1) == "planned") == str(code).startswith("4")


@given(ids, ids, ids, ids, st.sampled_from(["notice@example.invalid", "a.b+c@mail.example.invalid"]))
def test_an_attempt_and_a_calendar_entry_are_known_by_their_name(a: str, b: str, c: str, d: str, sender: str) -> None:
    """Mail readers merge what has the same name: the same attempt again, the same person's class again, nothing else."""
    assert (message_id(a, sender) == message_id(b, sender)) == (a == b)
    assert (uid(a, c, sender) == uid(b, d, sender)) == ((a, c) == (b, d))
    left, _, right = message_id(a, sender).strip("<>").partition("@")
    assert (UUID(left), right) == (UUID(a), sender.split("@")[1])


ENDS = {"accepted": MessageSent, "delivered": MessageDelivered, "failed": MessageFailed, "unreachable": MessageFailed}


@given(st.sampled_from(sorted(ENDS)), st.none() | st.text(min_size=1), ids)
def test_what_a_row_came_to_is_told_in_its_own_stream_and_a_failure_with_its_reason(
    state: str, reason: str | None, message: str
) -> None:
    row = dict.fromkeys(SAID) | {"message_id": message, "proof": True, "reason": reason}
    event = event_of(row, state, at(8, 1))
    assert type(event) is ENDS[state]
    assert (event.stream, event.proof) == (message, True)
    assert not isinstance(event, MessageFailed) or event.reason == (reason or state)
