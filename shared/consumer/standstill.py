"""Notices a partition that has records to read and does not move, however few they are."""

from collections.abc import Mapping

from aiokafka import TopicPartition


class Standstill:
    """Compares what is waiting now with what was waiting at earlier looks."""

    def __init__(self) -> None:
        self._since: dict[TopicPartition, tuple[int, float]] = {}

    def look(self, waiting: Mapping[TopicPartition, int], now: float) -> float:
        """The seconds for which some partition has stood at the same offset. ``waiting``: the next offset of each one behind."""
        stood = {tp: since for tp, since in self._since.items() if waiting.get(tp) == since[0]}
        self._since = {tp: stood.get(tp, (offset, now)) for tp, offset in waiting.items()}
        return max((now - since for _, since in self._since.values()), default=0.0)
