"""Whether one worker owns all legs of a lane: then no lock is ever waited for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import structlog

from ingestion.broker import Broker
from ingestion.decoding import Record, Unreadable
from ingestion.offsets import Partition
from reconciliation.lanes import count_lanes, lane_of

log = structlog.get_logger(__name__)


class Locality:
    """Says once, in the log, why work waits for other workers. All stays right, but slower."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._lanes = 0
        self._partitions: Counter[str] = Counter()
        self._told: set[str] = set()

    def check_partitions(self) -> None:
        self._lanes = count_lanes()
        partitions = self._broker.partitions()
        self._partitions = Counter(partition.topic for partition in partitions)
        if reason := why_not_local(partitions, self._lanes):
            self._tell(reason)

    def check_keys(self, decoded: Sequence[Record | Unreadable]) -> None:
        """One record of each batch is proof enough, and costs nothing."""
        for record in decoded[:1]:
            partitions = self._partitions[record.topic]
            if isinstance(record, Unreadable) or not partitions or self._lanes % partitions:
                continue
            if lane_of(record.transaction_id, self._lanes) % partitions != record.partition:
                self._tell(f"a producer of {record.topic} does not place keys by murmur2")

    def _tell(self, reason: str) -> None:
        if reason not in self._told:
            self._told.add(reason)
            log.warning("slower_than_need_be", reason=reason, see="README, topics and lanes")


def why_not_local(partitions: Collection[Partition], lanes: int) -> str | None:
    """Why one worker cannot own all legs of a lane; None when it can."""
    counts = Counter(partition.topic for partition in partitions)
    if len(set(counts.values())) > 1:
        return "the topics have different numbers of partitions"
    if any(lanes % count for count in counts.values()):
        return f"the number of partitions does not divide the {lanes} lanes"
    return None
