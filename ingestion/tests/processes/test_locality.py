"""Topics and keys that no worker owns as a whole: slower, and said, but right."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from ingestion.tests.processes.judging import judge
from ingestion.tests.processes.stage import Stage, fields
from ingestion.tests.processes.topics import SOURCES, Publisher

pytestmark = pytest.mark.processes


@pytest.fixture
def partitions() -> Sequence[int]:
    return (6, 4, 3)


def test_two_workers_that_share_every_lane_are_right(stage: Stage) -> None:
    workers = [stage.start_worker(name=name) for name in ("anna", "ben")]
    stage.wait_until_assigned(*workers)
    # The first is by CRC32: librdkafka's default.
    partitioners = ("consistent_random", "random", "murmur2_random")
    publishers = [Publisher(partitioner=each) for each in partitioners]
    for number in range(1000):
        for source, publisher in zip(SOURCES, publishers, strict=True):
            value = stage.topics.encode(source, fields(f"T{number}", source))
            if random.random() > 0.03:
                publisher.publish(stage.topics.names[source], value, f"T{number}".encode())
    for publisher in publishers:
        publisher.flush()
    stage.wait_until_at_rest()
    judge(stage)
    assert all(
        worker.said('slower_than_need_be reason="the topics have different') for worker in workers
    )
    assert any(worker.said("does not place keys by murmur2") for worker in workers)
