"""The worker: poll, decode, hand over to the writer.

While one batch is being written the next one is polled and decoded. Three
outcomes and no fourth: a record is stored as an event; it is stored as a dead
letter; or the worker stands by and tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import structlog
from confluent_kafka import KafkaException, Message

from ingestion.batch import Batch, BatchStore
from ingestion.broker import Broker
from ingestion.decoding import Decoder, Record, Unreadable
from ingestion.locality import Locality
from ingestion.looks import Lookout
from ingestion.offsets import Moved, Partition, Span
from ingestion.placement import starting_offsets
from ingestion.reader import Reader
from ingestion.schema_registry import RegistryUnavailable
from ingestion.sweep import Sweeper
from ingestion.tally import Tally
from ingestion.timing import Interval, pause_after
from ingestion.writer import DatabaseUnavailable, Writer
from reconciliation.clock import read_clock
from reconciliation.months import create_months

log = structlog.get_logger(__name__)

BATCH_RECORDS = 20_000
BATCH_BYTES = 8_000_000
BATCH_SECONDS = 0.1
REVOKE_SECONDS = 10.0
FAULTS = (DatabaseUnavailable, RegistryUnavailable, KafkaException)
T = TypeVar("T")


class Stopped(Exception):
    """Asked to stop while standing by: what is in hand is left to the next worker."""


class Worker:
    """`run` until `stop`; with `stop_at_end`, until all that was there at the start is judged.

    On the writer's thread `at_start` is called once the database answers, and
    `publish` after each commit that may have moved the journal.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        *,
        broker: Broker,
        decoder: Decoder,
        store: BatchStore,
        sweeper: Sweeper,
        locality: Locality,
        tally: Tally,
        at_start: Callable[[], None],
        publish: Callable[[], None],
        stop_at_end: bool,
    ) -> None:
        self._broker = broker
        self._decoder = decoder
        self._store = store
        self._sweeper = sweeper
        self._locality = locality
        self._tally = tally
        self._at_start = at_start
        self._publish = publish
        self._stop_at_end = stop_at_end
        self._stopping = False
        self._writer = Writer()
        self._lookout = Lookout(broker)
        self._reader = Reader(config, broker.topics, before_revoke=self._let_writer_finish)
        self._stored: dict[Partition, int] = {}
        self._clock: datetime
        self._sweeping = Interval(1.0)
        self._committing = Interval(5.0)
        self._month_keeping = Interval(3600.0)
        self._end_checking = Interval(0.2)

    def stop(self) -> None:
        self._stopping = True

    def run(self) -> None:
        """Work until told to stop; then finish the batch in hand and leave the group."""
        try:
            self._persist(self._at_start)
            self._persist(create_months)
            started_at = self._persist(read_clock)
            self._clock = started_at
            while not self._stopping and not self._at_end(started_at):
                self._step()
            self._finish()
        except Stopped:
            log.info("left_while_standing_by")
        finally:
            self._tally.tell(self._lookout.behind(self._stored), always=True)
            self._lookout.close()
            self._writer.close()
            self._reader.close()

    def _step(self) -> None:
        if not self._reader.placed:
            self._place()
        generation = self._reader.generation
        decoded, spans = self._gather()
        self._lookout.watch(self._reader.assigned, self._clock)
        self._finish()
        self._keep_house()
        # Else the assignment or the positions have changed, and these are forgotten.
        if self._reader.generation == generation:
            self._hand_over(decoded, spans)

    def _place(self) -> None:
        """Read on from the stored offsets, unless the assignment changes again meanwhile."""
        self._finish()
        partitions, generation = self._reader.assigned, self._reader.generation
        if partitions:
            offsets = self._persist(lambda: starting_offsets(self._broker, partitions))
            self._persist(self._locality.check_partitions)
            if self._reader.generation == generation:
                self._stored = offsets
                self._lookout.know(offsets)
                self._reader.place(offsets)

    def _gather(self) -> tuple[list[Record | Unreadable], dict[Partition, Span]]:
        """Poll and decode once; and on while the writer is busy: fewer and larger batches."""
        decoded: list[Record | Unreadable] = []
        spans: dict[Partition, Span] = {}
        generation = self._reader.generation
        size = 0
        while True:
            poll = self._reader.poll(BATCH_RECORDS - len(decoded), BATCH_SECONDS)
            decoded += self._decode(poll.messages)
            size += sum(map(len, poll.messages))
            for partition, span in poll.spans.items():
                spans[partition] = Span(spans.get(partition, span).start, span.end)
            if (
                len(decoded) >= BATCH_RECORDS
                or size >= BATCH_BYTES
                or self._reader.generation != generation
                or self._writer.done(seconds=0)
            ):
                return decoded, spans

    def _decode(self, messages: Sequence[Message]) -> list[Record | Unreadable]:
        decoded: list[Record | Unreadable] = []
        attempt = 0
        self._decoder.begin_batch()
        while len(decoded) < len(messages):
            try:
                for message in messages[len(decoded) :]:
                    decoded.append(self._decoder.decode(message))
            except RegistryUnavailable as fault:
                attempt += 1
                self._stand_by(fault, attempt)
        if attempt:
            self._reader.go_on()
        return decoded

    def _hand_over(
        self, decoded: Sequence[Record | Unreadable], spans: Mapping[Partition, Span]
    ) -> None:
        """Give a batch to the writer, which is free; without anything to store there is none."""
        if not _offsets_rise(decoded):
            self._reader.stand_still()
            return
        self._locality.check_keys(decoded)
        looks = self._lookout.looks_at(self._reader.assigned)
        batch = Batch(
            records=[each for each in decoded if isinstance(each, Record)],
            unreadable=[each for each in decoded if isinstance(each, Unreadable)],
            spans=spans,
            looks=looks,
            new_partitions=dict(self._lookout.new_partitions),
        )
        if spans or looks or batch.new_partitions:
            self._writer.submit(
                lambda: self._keep(batch), then=lambda at: self._took(batch, decoded, at)
            )

    def _keep(self, batch: Batch) -> datetime:
        at = self._store.store(batch)
        if batch.records:
            self._publish()
        return at

    def _sweep(self) -> int:
        judged = self._sweeper.sweep()
        if judged:
            self._publish()
        return judged

    def _took(self, batch: Batch, decoded: Sequence[Record | Unreadable], at: datetime) -> None:
        """The batch is committed. Raises TooManyDeadLetters."""
        self._clock = at
        self._stored |= {partition: span.end for partition, span in batch.spans.items()}
        self._lookout.know(batch.new_partitions)
        self._lookout.reach(batch.looks, self._stored)
        self._tally.stored(decoded)

    def _keep_house(self) -> None:
        """What is done now and then, while the writer is free."""
        if self._sweeping.is_over():
            if self._persist(self._sweep):
                self._sweeping.at_once()
            self._tally.tell(self._lookout.behind(self._stored))
        if self._reader.placed and self._committing.is_over():
            self._reader.commit({each: self._stored[each] for each in self._reader.assigned})
        if self._month_keeping.is_over():
            self._persist(create_months)

    def _at_end(self, started_at: datetime) -> bool:
        if not self._stop_at_end or not self._end_checking.is_over():
            return False
        return self._persist(lambda: self._sweeper.is_judged_until(started_at))

    def _persist(self, job: Callable[[], T]) -> T:
        """Do this on the writer's thread, however long it takes, and give its result."""
        results: list[T] = []
        self._finish()
        self._writer.submit(job, then=results.append)
        self._finish()
        return results[0]

    def _finish(self) -> None:
        """Wait until the writer is free; while its job meets faults, stand by and try again."""
        attempt = 0
        while self._writer.busy:
            if not self._writer.done(seconds=1.0):
                self._reader.keep_alive()
                continue
            try:
                self._writer.finish()
            except Moved as moved:
                log.debug("moved", stored=str(moved))
                self._reader.stand_still()
            except FAULTS as fault:
                attempt += 1
                self._stand_by(fault, attempt)
                self._writer.again()
        self._reader.go_on()

    def _stand_by(self, fault: Exception, attempt: int) -> None:
        """Read nothing for a while, but stay in the group. Raises Stopped when told to stop."""
        seconds = pause_after(attempt)
        log.warning("standing_by", fault=str(fault), attempt=attempt, seconds=round(seconds, 1))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._stopping:
                raise Stopped
            self._reader.keep_alive()

    def _let_writer_finish(self) -> None:
        """Before partitions go: else the next owner's first batch would only meet our locks."""
        self._writer.done(seconds=REVOKE_SECONDS)


def _offsets_rise(decoded: Sequence[Record | Unreadable]) -> bool:
    latest: dict[tuple[str, int], int] = {}
    for record in decoded:
        partition = (record.topic, record.partition)
        if record.offset <= latest.get(partition, -1):
            return False
        latest[partition] = record.offset
    return True
