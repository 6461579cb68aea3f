"""SMTP's answers: before the message's last line nothing was taken; after it only the server's word counts."""

from typing import Final

from services.notify.sending.domain import Outcome

TRANSIENT: Final = range(400, 500)


def refused(code: int) -> Outcome:
    """A refusal in the server's own words: 4xx may be repeated, 5xx is final."""
    return Outcome("deferred" if code in TRANSIENT else "rejected", f"smtp-{code}")


def message_id(attempt_id: str, sender: str) -> str:
    """The Message-ID of an attempt: always the same, so a resent one is recognised by mail readers."""
    return f"<{attempt_id}@{sender.rpartition('@')[2]}>"


def uid(class_id: str, person_id: str, sender: str) -> str:
    """The calendar entry of one person in one class, whatever its date."""
    return f"{class_id}.{person_id}@{sender.rpartition('@')[2]}"
