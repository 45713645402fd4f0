"""Reading from Kafka at our own offsets: assignment and positions."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from threading import Thread
from typing import Any, NamedTuple

import structlog
from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from ingestion.offsets import Partition, Span
from ingestion.placement import OffsetGone

log = structlog.get_logger(__name__)

CLOSE_SECONDS = 10.0

CONSUMER_CONFIG: dict[str, Any] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    # A stored offset that the topic does not have must stop us, not restart it.
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    # Gives the same partitions of all three topics to one worker.
    "partition.assignment.strategy": "range",
    "session.timeout.ms": 10_000,
    # How soon partitions that were added are read; until then their source
    # is not overdue.
    "topic.metadata.refresh.interval.ms": 30_000,
    # Small pieces of every partition, so that the legs of a transaction come in
    # the same batch; but no smaller than what producers write at once, for then
    # a fetch brings one partition only. And no pause before the next piece.
    "max.partition.fetch.bytes": 65_536,
    "fetch.queue.backoff.ms": 10,
    "queued.min.messages": 2_000,
    # With the batch that is being written, what bounds a worker's memory.
    "queued.max.messages.kbytes": 16_384,
}


class Poll(NamedTuple):
    """Messages, and for each partition that moved its position before and after.

    `generation` is that of the reader when it was polled: records polled
    before a change of assignment or position are not to be stored after it.
    """

    messages: list[Message]
    spans: dict[Partition, Span]
    generation: int


class Reader:
    """A consumer that reads from where it is told, and never asks Kafka where it was.

    After each change of the assignment, and after `stand_still`, it is not
    `placed`: it stays a member of the group but reads nothing until `place`
    tells it where to go on. `before_revoke` is called while the partitions
    are still ours.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        topics: Collection[str],
        *,
        before_revoke: Callable[[], None],
    ) -> None:
        self._consumer = Consumer({**config, **CONSUMER_CONFIG})
        self._before_revoke = before_revoke
        self._positions: dict[Partition, int] = {}
        self._paused = False
        self.assigned: list[Partition] = []
        self.placed = False
        self.generation = 0
        self._consumer.subscribe(
            list(topics),
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def poll(self, limit: int, seconds: float) -> Poll:
        """Up to `limit` messages, waiting no longer than `seconds` for them.

        Raises OffsetGone when the topic does not have the offsets to be read,
        KafkaException when the client cannot go on.
        """
        generation = self.generation
        messages = [
            message
            for message in self._consumer.consume(limit, seconds)
            if not self._is_error(message)
        ]
        if self.generation != generation or not self.placed:
            if messages:
                self.stand_still()
            return Poll([], {}, self.generation)
        return Poll(messages, self._spans(), generation)

    def place(self, offsets: Mapping[Partition, int]) -> None:
        """Read on from these offsets, one for each assigned partition."""
        partitions = [TopicPartition(*each, offsets[each]) for each in self.assigned]
        self._consumer.assign(partitions)
        # Its own thread forgets where it was before. A position that outlived that would
        # be taken for progress.
        while any(each.offset != OFFSET_INVALID for each in self._consumer.position(partitions)):
            time.sleep(0.001)
        self._positions = {partition: offsets[partition] for partition in self.assigned}
        self._resume()
        self.placed = True
        self.generation += 1

    def stand_still(self) -> None:
        """Read nothing until placed again; what was polled and not stored is forgotten."""
        self._pause()
        self.placed = False
        self.generation += 1

    def keep_alive(self, seconds: float = 0.1) -> None:
        """Stay a member of the group without reading, until `go_on`."""
        if self.placed and not self._paused:
            self._pause()
        messages = self._consumer.consume(1, seconds)
        if any(not self._is_error(message) for message in messages):
            self.stand_still()

    def go_on(self) -> None:
        """Read on after `keep_alive`."""
        if self.placed and self._paused:
            self._resume()

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Tell Kafka how far we are: for lag monitors alone, so nobody waits for it."""
        if offsets:
            self._consumer.commit(
                offsets=[TopicPartition(*partition, at) for partition, at in offsets.items()],
                asynchronous=True,
            )

    def close(self) -> None:
        """Leave the group. A client that hangs there is left behind: nothing depends on it."""
        closing = Thread(target=self._consumer.close, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        if closing.is_alive():
            log.warning("close_hangs", seconds=CLOSE_SECONDS)

    def _spans(self) -> dict[Partition, Span]:
        """Positions, not offsets of records: markers and aborted records leave gaps anywhere."""
        spans = {}
        for at in self._consumer.position(
            [TopicPartition(*partition) for partition in self.assigned]
        ):
            partition = Partition(at.topic, at.partition)
            # Without a position yet (-1001) it has not moved.
            if at.offset > self._positions[partition]:
                spans[partition] = Span(self._positions[partition], at.offset)
                self._positions[partition] = at.offset
        return spans

    def _is_error(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return False
        if error.code() == KafkaError._AUTO_OFFSET_RESET and self.placed:
            raise OffsetGone(
                f"{message.topic()}/{message.partition()} no longer has the offset at which "
                f"reading should go on ({error.str()}): records were deleted before they were "
                "read, or the topic was made anew. See the README, offsets that are gone."
            )
        if error.fatal() or error.code() == KafkaError._FATAL:
            # Such as a second worker of the same name, which takes this one's place.
            raise KafkaException(error)
        log.warning("kafka", topic=message.topic(), partition=message.partition(), fault=str(error))
        return True

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.assigned = sorted(Partition(each.topic, each.partition) for each in partitions)
        # Nothing is read before `place` knows from where. A logical offset, paused, would not
        # do: the client may act on the broker's late answer to it after `place`, and jump there.
        consumer.assign([])
        self.placed = False
        self.generation += 1
        log.info("assigned", partitions=len(self.assigned))

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._before_revoke()
        self._on_lost(consumer, partitions)

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.unassign()
        self.assigned = []
        self._positions = {}
        self.placed = False
        self.generation += 1
        log.info("revoked", partitions=len(partitions))

    def _pause(self) -> None:
        self._paused = True
        self._consumer.pause([TopicPartition(*partition) for partition in self.assigned])

    def _resume(self) -> None:
        self._paused = False
        self._consumer.resume([TopicPartition(*partition) for partition in self.assigned])
