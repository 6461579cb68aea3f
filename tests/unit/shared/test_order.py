"""The decision what may be applied, without any server."""

from collections import defaultdict
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.consumer.order import Order
from shared.consumer.records import Item
from shared.envelope import Envelope, Received


def item(stream: str | None, version: int | None, *, readable: bool = True) -> Item:
    made = Item("t", 0, 0, None, [], None, stream, version)
    if readable and stream is not None and version is not None:
        envelope = Envelope("id", "type", "source", datetime(2026, 1, 1, tzinfo=UTC), stream, version, "a", "c", "t")
        made.received = Received(envelope, None, "t", 0, 0)
    else:
        made.reason = "undecodable"
    return made


def versions(items: list[Item]) -> list[int | None]:
    return [i.version for i in items]


def test_the_next_version_is_applied_and_the_stream_moves() -> None:
    order = Order({"a": 4})
    assert versions(order.offer(item("a", 5))) == [5]
    assert order.versions == {"a": 5}


def test_a_passed_version_is_a_duplicate() -> None:
    order = Order({"a": 4})
    assert order.offer_all([item("a", 4), item("a", 1)]) == []
    assert order.duplicates == 2
    assert order.waiting() == []


def test_a_version_that_came_early_follows_its_predecessor() -> None:
    order = Order({})
    assert versions(order.offer_all([item("a", 2), item("a", 3), item("a", 1), item("a", 4)])) == [1, 2, 3, 4]
    assert order.waiting() == []


def test_a_gap_holds_only_its_own_stream() -> None:
    order = Order({})
    assert [
        (i.stream, i.version) for i in order.offer_all([item("a", 1), item("a", 3), item("b", 1), item("a", 4)])
    ] == [("a", 1), ("b", 1)]
    assert [(i.version, i.reason) for i in order.waiting()] == [(3, "gap"), (4, "gap")]


def test_an_undecodable_event_holds_its_stream() -> None:
    order = Order({"a": 2})
    assert order.offer_all([item("a", 3, readable=False), item("a", 4)]) == []
    assert [(i.version, i.reason) for i in order.waiting()] == [(3, "undecodable"), (4, "gap")]
    assert order.versions == {"a": 2}


def test_a_record_without_envelope_waits_by_itself() -> None:
    order = Order({})
    assert versions(order.offer_all([item(None, None), item("a", None), item("a", 1)])) == [1]
    assert [i.version for i in order.waiting()] == [None, None]


def test_a_failed_event_takes_its_followers_back() -> None:
    order = Order({})
    run = [ready for v in (3, 2, 1) for ready in order.offer(item("a", v))]
    assert versions(run) == [1, 2, 3]
    order.fail(run, 1, "broke")
    assert order.versions == {"a": 1}
    assert sorted((i.version, i.reason) for i in order.waiting()) == [(2, "failed"), (3, "gap")]
    assert order.offer(item("a", 4)) == []


def test_a_copy_of_a_failed_event_is_tried_and_releases_what_waits() -> None:
    order = Order({})
    run = order.offer(item("a", 1))
    order.fail(run, 0, "broke")
    assert order.offer(item("a", 2)) == []
    assert versions(order.offer(item("a", 1))) == [1, 2]
    assert order.waiting() == []


def test_what_is_parked_already_is_not_parked_again() -> None:
    order = Order({"a": 1})
    stored = item("a", 3)
    stored.stored = True
    assert order.offer(stored) == []
    assert order.waiting() == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 8)), max_size=60))
def test_whatever_comes_each_version_is_applied_once_and_in_order(deliveries: list[tuple[str, int]]) -> None:
    order = Order({})
    applied = defaultdict(list)
    for ready in order.offer_all([item(s, v) for s, v in deliveries]):
        applied[ready.stream].append(ready.version)
    seen = {s: {v for t, v in deliveries if t == s} for s in "abc"}
    for stream, versions_seen in seen.items():
        contiguous = next(n for n in range(1, 10) if n not in versions_seen) - 1
        assert applied[stream] == list(range(1, contiguous + 1))
        assert order.versions.get(stream, 0) == contiguous
    assert {(i.stream, i.version) for i in order.waiting()} == {
        (s, v) for s, vs in seen.items() for v in vs if v > len(applied[s])
    }
