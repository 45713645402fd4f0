"""Looks: once a second the ends of our partitions, to know what has been read until when."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

import structlog
from confluent_kafka import KafkaException

from ingestion.broker import Broker
from ingestion.offsets import Look, Partition

log = structlog.get_logger(__name__)

SECONDS_BETWEEN = 1.0


class Seen(NamedTuple):
    """What the broker answered after the moment `at`."""

    at: datetime
    ends: Mapping[Partition, int]
    new_partitions: Mapping[Partition, int]


class Lookout:
    """Asks on a thread of its own, so that a slow broker holds up nothing else.

    `looks` are the ends that have not been reached yet; of each partition the
    oldest one stays until it is, however far behind we are. `new_partitions`
    are those without a stored offset, with their first one.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lookout")
        self._asked: Future[Seen] | None = None
        self._next = 0.0
        self._known: set[Partition] = set()
        self._ends: Mapping[Partition, int] = {}
        self.looks: dict[Partition, Look] = {}
        self.new_partitions: dict[Partition, int] = {}

    def know(self, partitions: Collection[Partition]) -> None:
        """These have a stored offset."""
        self._known.update(partitions)
        for partition in partitions:
            self.new_partitions.pop(partition, None)

    def reach(self, looks: Mapping[Partition, Look], positions: Mapping[Partition, int]) -> None:
        """These looks, which `looks_at` gave, are stored, and the records before these positions.

        One that was answered meanwhile is not among them, and stays until it is stored, too.
        """
        for partition, look in looks.items():
            if positions.get(partition, look.end - 1) >= look.end:
                self.looks.pop(partition, None)

    def looks_at(self, partitions: Collection[Partition]) -> dict[Partition, Look]:
        return {each: self.looks[each] for each in partitions if each in self.looks}

    def behind(self, positions: Mapping[Partition, int]) -> int:
        """How many offsets lie between these positions and the ends as last seen."""
        return sum(
            max(0, self._ends.get(partition, position) - position)
            for partition, position in positions.items()
        )

    def watch(self, assigned: Collection[Partition], at: datetime) -> None:
        """Take in what was answered and ask again where it is time; `at` is the clock before."""
        if self._asked is not None and self._asked.done():
            self._take_in(self._asked, assigned)
            self._asked = None
        if self._asked is None and time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN
            self._asked = self._thread.submit(self._ask, list(assigned), at)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ask(self, assigned: list[Partition], at: datetime) -> Seen:
        new = [each for each in self._broker.partitions() if each not in self._known]
        return Seen(at, self._broker.ends(assigned), self._broker.beginnings(new))

    def _take_in(self, asked: Future[Seen], assigned: Collection[Partition]) -> None:
        try:
            seen = asked.result()
        except KafkaException as fault:
            log.warning("broker_unavailable", fault=str(fault))
            return
        self.new_partitions |= seen.new_partitions
        self._ends = seen.ends
        for partition, end in seen.ends.items():
            if partition in assigned:
                self.looks.setdefault(partition, Look(seen.at, end))
