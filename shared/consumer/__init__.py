"""The consumer's core; it knows nothing of FastStream (``shared.subscriber`` is the shell)."""

from shared.consumer.apply import Effect
from shared.consumer.core import Consumer

__all__ = ["Consumer", "Effect"]
