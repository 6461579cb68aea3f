"""What every event has: a stable type string, the topic of its aggregate, and the field that names its stream."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, in the past tense. Fields are added with a default, never removed or renamed (docs/adr/0003)."""

    type: ClassVar[str]
    topic: ClassVar[str]
    stream_field: ClassVar[str]

    @property
    def stream(self) -> str:
        """The stream id, which is also the Kafka key."""
        stream: str = getattr(self, self.stream_field)
        return stream


class Names(msgspec.Struct, frozen=True):
    """A display name in both languages."""

    zh: str
    en: str
