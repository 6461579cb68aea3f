"""The SMS provider's codes: which refusals may be repeated, which are for good."""

from typing import Any, Final

from services.notify.sending.domain import Outcome

OK: Final = "OK"
AGAIN: Final = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_UPGRADE", "isp.TIMEOUT"})
TOO_MANY: Final = 429


def outcome(status: int, said: Any) -> Outcome:
    """The outcome of an answer: too fast, upgrade and time-out may be repeated; every other refusal is final.

    An answer that is none (a proxy's page, half a body) leaves it open whether the gateway took the message.
    """
    code = said.get("code") if isinstance(said, dict) else None
    if status == TOO_MANY:
        return Outcome("deferred", "isv.BUSINESS_LIMIT_CONTROL")
    if not isinstance(code, str):
        return Outcome("in_doubt", f"http-{status}")
    if code == OK:
        return Outcome("accepted", OK, str(said.get("biz_id", "")))
    return Outcome("deferred" if code in AGAIN else "rejected", code)


def looked_up(said: Any) -> Outcome | None:
    """What a look-up says of an attempt: accepted, or None if the gateway never had it."""
    if not isinstance(said, dict) or not isinstance(said.get("found"), bool):
        return Outcome("in_doubt", "look-up")
    return Outcome("accepted", OK, str(said.get("biz_id", ""))) if said["found"] else None
