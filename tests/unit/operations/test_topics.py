"""How topics are made: how often, and how many copies must have an event."""

import pytest

from deploy.local import topics


@pytest.mark.parametrize(("copies", "needed"), [(1, None), (2, None), (3, "2"), (5, "2")])
def test_with_three_copies_an_event_is_on_two_before_it_is_acknowledged(copies: int, needed: str | None) -> None:
    """With fewer, one broker's restart would stop all writing."""
    (made,) = topics.new(["a"], 12, copies)
    assert (made.name, made.num_partitions, made.replication_factor) == ("a", 12, copies)
    assert made.topic_configs.get("min.insync.replicas") == needed
    assert made.topic_configs.items() >= topics.definition()["config"].items()
