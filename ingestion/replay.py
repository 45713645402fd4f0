"""A dead letter is read again where it lies, and becomes the event that it is by now.

Nothing goes back to Kafka: the stored bytes are decoded as a worker decodes a
record, and the event takes the place that its record always had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import structlog
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, Message
from django.conf import settings
from django.db import connection, transaction

from ingestion.decoding import Decoder, Reason, Record, Unreadable, too_far_ahead
from ingestion.frozen import APPLICATION_NAME, LOCK_TIMEOUT
from ingestion.models import DeadLetter
from ingestion.offsets import Partition, lock_offsets, read_feeds
from ingestion.schema_registry import RegistryUnavailable, WriterSchemas, connect
from ingestion.writer import FAULTS
from reconciliation.bulk import copy_rows
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.inflight import InFlightCache
from reconciliation.lanes import count_lanes, lane_of, lock_lanes
from reconciliation.models import RawEvent
from reconciliation.rule_book import RuleBook
from reconciliation.services import reconcile

log = structlog.get_logger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class AlreadyReplayed(Exception):
    """There is nothing to do: this dead letter was replayed before, or by somebody else."""


class StillUnreadable(Exception):
    """The stored bytes are no event yet; nothing has changed. `reason` may be another than before.

    The message is a sentence that says what is wrong with them.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class CannotReplayNow(Exception):
    """A server that is needed does not answer; the message is a sentence. To be tried again.

    Where the database's answer was lost, trying again tells whether it was replayed.
    """


class Replayer:
    """`topics` names the topic of each source. For one thread, and one sitting.

    The registry is asked once for what it did not know; a schema that is
    registered later is found by the next Replayer.
    """

    def __init__(
        self,
        *,
        topics: Mapping[str, str],
        schemas: WriterSchemas,
        cache: InFlightCache,
        rules: RuleBook,
    ) -> None:
        self._topics = topics
        self._sources = {topic: source for source, topic in topics.items()}
        self._decoder = Decoder(topics=self._sources, schemas=schemas)
        self._cache = cache
        self._rules = rules

    def replay(self, letter: DeadLetter) -> Event:
        """Store the event that `letter` is by now and judge its transaction; gives the event.

        Raises AlreadyReplayed, StillUnreadable or CannotReplayNow.
        """
        if letter.replayed_at is not None:
            raise AlreadyReplayed
        try:
            record = self._decode(letter)
            if isinstance(record, Unreadable):
                raise StillUnreadable(record.reason, record.detail)
            event = self._store(record, letter)
        except RegistryUnavailable as fault:
            raise CannotReplayNow(str(fault)) from fault
        except FAULTS as fault:
            said = str(fault).strip().splitlines()
            raise CannotReplayNow(f"The database could not do it: {said[0]}.") from fault
        log.info("dead_letter_replayed", record=str(letter), event_id=event.event_id)
        return event

    def _decode(self, letter: DeadLetter) -> Record | Unreadable:
        if letter.topic not in self._sources:
            raise StillUnreadable(
                Reason.WRONG_SOURCE, f"no source publishes to {letter.topic} any more"
            )
        return self._decoder.decode(message_of(letter))

    def _store(self, record: Record, letter: DeadLetter) -> Event:
        lane = lane_of(record.transaction_id, count_lanes())
        partition = Partition(letter.topic, letter.partition)
        with transaction.atomic():
            _lock_as_a_worker()
            lanes = lock_lanes([lane])
            offset = lock_offsets([partition])[partition]
            feeds = read_feeds(self._topics)
            at = feeds.not_before(read_clock())
            if refused := too_far_ahead(record, at):
                raise StillUnreadable(refused.reason, refused.detail)
            if not DeadLetter.objects.filter(pk=letter.pk, replayed_at=None).update(replayed_at=at):
                raise AlreadyReplayed
            event = record.received(at)
            changes = reconcile(
                arrivals={lane: {event.transaction_id: [event]}},
                lanes=lanes,
                cache=self._cache,
                rule_sets=self._rules.current(),
                feeds=feeds,
                at=at,
                replayed=True,
            )
            copy_rows(RawEvent, [event])
            offset.dead_letters -= 1
            offset.save(update_fields=["dead_letters"])
        self._cache.write(changes)
        return event


@contextmanager
def open_replayer() -> Iterator[Replayer]:
    """A Replayer over the servers in the settings. Raises CannotReplayNow."""
    try:
        client = connect()
    except RegistryUnavailable as fault:
        raise CannotReplayNow(str(fault)) from fault
    with client:
        yield Replayer(
            topics=settings.TOPICS,
            schemas=WriterSchemas(client),
            cache=InFlightCache(settings.REDIS_URL),
            rules=RuleBook(),
        )


def message_of(letter: DeadLetter) -> Message:
    """The record as Kafka brought it, as far as it was kept."""
    timestamp = (TIMESTAMP_NOT_AVAILABLE, 0)
    if letter.kafka_timestamp is not None:
        timestamp = (TIMESTAMP_CREATE_TIME, (letter.kafka_timestamp - _EPOCH) // _MILLISECOND)
    return Message(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        key=_bytes(letter.key),
        value=_bytes(letter.value),
        headers=_headers(letter.headers),  # type: ignore[arg-type]
        timestamp=timestamp,
    )


def _headers(stored: Sequence[Sequence[bytes | None]] | None) -> list[tuple[str, bytes | None]]:
    return [(bytes(name or b"").decode(), _bytes(value)) for name, value in stored or ()]


def _bytes(stored: bytes | memoryview | None) -> bytes | None:
    return None if stored is None else bytes(stored)


def _lock_as_a_worker() -> None:
    """Wait for no lock for long, and be known as a worker while this transaction lasts.

    Who is frozen holds its locks for ever; workers end each other's sessions then, and this one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('application_name', %s, true)",
            [LOCK_TIMEOUT, APPLICATION_NAME],
        )
