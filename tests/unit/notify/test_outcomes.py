import pytest

from services.notify.email.domain import refused
from services.notify.sending.domain import TRIES, Outcome, back_off
from services.notify.sms.domain import looked_up, outcome


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
def test_a_refusal_of_the_mail_server(code: int, result: str) -> None:
    assert refused(code) == Outcome(result, f"smtp-{code}")  # type: ignore[arg-type]


def test_what_is_refused_again_and_again_has_failed() -> None:
    busy = Outcome("deferred", "isv.BUSINESS_LIMIT_CONTROL")
    assert [busy.state(n) for n in (1, TRIES - 1, TRIES)] == ["planned", "planned", "failed"]
    waits = [back_off(n).total_seconds() for n in range(10)]
    assert waits == sorted(waits)
