"""When a stranger calls a stream whole: a repeat harms nothing, a hole, a swap and a version for two events do."""

from typing import NamedTuple

import pytest

from deploy.demo.stranger import check_streams, fold


class Record(NamedTuple):
    """As Kafka gives it."""

    headers: list[tuple[str, bytes]]
    value: bytes
    key: bytes = b"s"
    topic: str = "t"
    partition: int = 0


CONFIRMED, EVIDENCED = "training.ban.confirmed.v1", "training.ban.evidenced.v1"


def record(version: int, event: str, value: bytes = b"{}", partition: int = 0, kind: str = "x") -> Record:
    head = {"ce_stream": "s", "ce_streamversion": str(version), "ce_id": event, "ce_type": kind}
    return Record([(k, v.encode()) for k, v in head.items()], value, partition=partition)


@pytest.mark.parametrize(
    "told",
    [
        [record(1, "a"), record(2, "b"), record(3, "c")],
        [record(1, "a"), record(2, "b"), record(1, "a"), record(2, "b"), record(3, "c")],
        [record(1, "a"), record(2, "b"), record(2, "another")],
        [record(1, "a"), record(2, "b", kind=CONFIRMED), record(2, "c", b'{"complete": true}', kind=EVIDENCED)],
    ],
    ids=["in order", "sent again after a failure", "concluded again by an older copy", "the same in another order"],
)
def test_a_whole_stream(told: list[Record]) -> None:
    assert check_streams(told) == {"streams": 1, "events": len(told), "gaps": [], "split": []}


@pytest.mark.parametrize(
    "told",
    [
        [record(1, "a"), record(3, "c")],
        [record(2, "b"), record(3, "c")],
        [record(2, "b"), record(1, "a")],
        [record(1, "a"), record(3, "c"), record(2, "b"), record(3, "c")],
        [record(1, "a"), record(2, "b"), record(2, "another", b'{"places": 2}')],
        [record(1, "a"), record(1, "a", b'{"places": 2}')],
        [record(1, "a", kind=EVIDENCED), record(1, "b", kind=CONFIRMED)],
    ],
    ids=[
        "a hole",
        "no beginning",
        "backwards",
        "a later one first",
        "two events in one version",
        "one id, two bodies",
        "decided again",
    ],
)
def test_a_stream_that_is_not_whole(told: list[Record]) -> None:
    assert check_streams(told)["gaps"] == ["s"]


def test_what_was_told_first_counts() -> None:
    told = [record(1, "a", kind=CONFIRMED), record(1, "b", b'{"complete": true}', kind=EVIDENCED)]
    assert fold(told) == [[(CONFIRMED, {})]]


def test_there_is_no_order_between_two_partitions_but_a_stream_in_both_is_split() -> None:
    found = check_streams([record(2, "b", partition=1), record(1, "a")])
    assert (found["gaps"], found["split"]) == ([], ["s"])
