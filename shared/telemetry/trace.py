"""W3C Trace Context, as far as it is carried here: one trace id from the HTTP request to the last consumer."""

import re
import secrets

_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def start() -> str:
    """A traceparent of a new trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child(parent: str | None) -> str:
    """A new span of the parent's trace; a new trace where the parent is missing or malformed."""
    if parent is None or not _FORM.fullmatch(parent):
        return start()
    version, trace, _, flags = parent.split("-")
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"


def trace_id(traceparent: str) -> str:
    """The 32 hex digits that all spans of a trace share."""
    return traceparent.split("-")[1]
