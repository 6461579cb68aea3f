"""Who acts, when and as part of what: everything that an event's envelope needs beside the event."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from shared.envelope import Received
from shared.telemetry.trace import child


@dataclass(frozen=True, slots=True)
class Context:
    """The frame of one command or of one consumed event. ``now`` is the business instant."""

    now: datetime
    actor: str
    source: str
    correlation_id: str
    traceparent: str
    causation_id: str | None = None
    policy_version: str | None = None

    @classmethod
    def from_received(cls, received: Received, source: str) -> Self:
        """The frame of what follows from an event: its time, its correlation, itself as the cause."""
        envelope = received.envelope
        return cls(
            now=envelope.time,
            actor=envelope.actor,
            source=source,
            correlation_id=envelope.correlationid,
            traceparent=child(envelope.traceparent),
            causation_id=envelope.id,
            policy_version=envelope.policyversion,
        )

    def with_policy(self, version: str) -> Self:
        """The same frame under a policy revision (``key@revision``)."""
        return replace(self, policy_version=version)
