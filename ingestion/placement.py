"""Where to read on: the stored offsets, checked against what the topics still have."""

from __future__ import annotations

from collections.abc import Collection

from ingestion.broker import Broker
from ingestion.offsets import Partition, register_partitions, stored_offsets


class OffsetGone(Exception):
    """A stored offset that the topic does not have: to go on would lose or invent records."""


def starting_offsets(broker: Broker, partitions: Collection[Partition]) -> dict[Partition, int]:
    """The stored offset of each partition; one that was never read begins at its first record.

    Raises OffsetGone when a partition begins after its stored offset or ends
    before it, KafkaException when the broker does not answer.
    """
    beginnings = broker.beginnings(partitions)
    offsets = stored_offsets(partitions)
    new = {partition: beginnings[partition] for partition in partitions if partition not in offsets}
    if new:
        register_partitions(new)
        offsets = stored_offsets(partitions)
    ends = broker.ends(partitions)
    for partition, offset in offsets.items():
        if not beginnings[partition] <= offset <= ends[partition]:
            raise OffsetGone(
                f"{partition.topic}/{partition.number} holds the offsets "
                f"{beginnings[partition]} to {ends[partition]}, but reading should go on at "
                f"{offset}: records were deleted before they were read, or the topic was made "
                "anew. Nothing was stored; see the README, offsets that are gone."
            )
    return offsets
