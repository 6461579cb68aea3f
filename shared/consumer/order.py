"""Decides which events may be applied: each stream's next version and nothing else. Pure."""

from collections.abc import Iterable, Mapping

from shared.consumer.records import Item


class Order:
    """The streams of one batch, from the versions that were applied before it.

    An event is applied when it is its stream's next, skipped when its version was passed, and held otherwise. That the
    version of a stream stays where it is, is all that holds the stream.
    """

    def __init__(self, versions: Mapping[str, int]) -> None:
        self.versions = dict(versions)
        self.duplicates = 0
        self._held: dict[str, dict[int, Item]] = {}
        self._unreadable: list[Item] = []

    def offer_all(self, items: Iterable[Item]) -> list[Item]:
        """What may be applied of ``items``, in order, on the assumption that nothing fails."""
        return [ready for item in items for ready in self.offer(item)]

    def offer(self, item: Item) -> list[Item]:
        """The event and the held ones that it lets go, in order; or nothing."""
        stream, version = item.stream, item.version
        if stream is None or version is None:
            self._unreadable.append(item)
            return []
        last = self.versions.get(stream, 0)
        if version <= last:
            self.duplicates += 1
            return []
        if version > last + 1 or item.received is None:
            self._held.setdefault(stream, {}).setdefault(version, item)
            return []
        return self._release(stream, version, item)

    def _release(self, stream: str, version: int, item: Item) -> list[Item]:
        run = [item]
        held = self._held.get(stream)
        while held and (follower := held.get(version + 1)) is not None and follower.received and not follower.reason:
            run.append(held.pop(version + 1))
            version += 1
        self.versions[stream] = version
        return run

    def fail(self, run: list[Item], position: int, error: str) -> None:
        """``run[position]`` could not be applied: it and what follows it in its stream wait."""
        failed = run[position]
        if failed.stream is None or failed.version is None:
            raise ValueError("an event without stream was never offered as ready")
        failed.reason, failed.error = "failed", error
        self.versions[failed.stream] = failed.version - 1
        held = self._held.setdefault(failed.stream, {})
        for item in run[position:]:
            if item.version is not None:
                held[item.version] = item

    def waiting(self) -> list[Item]:
        """What is left to be parked, each with its reason."""
        left = [item for stream in self._held for item in self._left(stream)]
        return [item for item in self._unreadable + left if not item.stored]

    def _left(self, stream: str) -> Iterable[Item]:
        for version, item in self._held[stream].items():
            if version > self.versions.get(stream, 0):
                if not item.reason:
                    item.reason, item.error = "gap", "an earlier version of the stream is missing or parked"
                yield item
