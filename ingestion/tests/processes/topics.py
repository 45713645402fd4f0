"""Topics of one test's own: made, written by hand, read back and deleted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from producers.encoding import SCHEMA_TEXT, Encoder

SOURCES = ("CORE", "GATEWAY", "MOBILE")

Headers: TypeAlias = list[tuple[str, str | bytes | None]]


def kafka(**options: Any) -> dict[str, Any]:
    return {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], **options}


class Place(NamedTuple):
    """Where a record is."""

    topic: str
    partition: int
    offset: int


class Topics:
    """One topic for each source, in `names`; `partitions` has how many each has, in that order."""

    def __init__(self, partitions: Sequence[int]) -> None:
        prefix = f"processes-{uuid4().hex[:12]}"
        self.names = {source: f"{prefix}-{source.lower()}" for source in SOURCES}
        self.admin = AdminClient(kafka())
        self._partitions = dict(zip(self.names.values(), partitions, strict=True))
        self._encoders: dict[str, Encoder] = {}

    def create(self, topic: str) -> None:
        """Stamped by the broker."""
        config = {"message.timestamp.type": "LogAppendTime"}
        new = NewTopic(topic, self._partitions[topic], 1, config=config)
        self.admin.create_topics([new])[topic].result(10)

    def delete(self, topics: Sequence[str]) -> None:
        for deleted in self.admin.delete_topics(list(topics)).values():
            deleted.result(10)

    def register(self, registry: SchemaRegistryClient) -> None:
        """Put our schema under the topics' subjects."""
        for source, topic in self.names.items():
            schema_id = registry.register_schema(f"{topic}-value", Schema(SCHEMA_TEXT, "AVRO"))
            self._encoders[source] = Encoder(schema_id)

    def encode(self, source: str, fields: dict[str, object]) -> bytes:
        """The value of a record of the source's topic."""
        return self._encoders[source].encode(fields)

    def partitions(self) -> list[TopicPartition]:
        return [
            TopicPartition(topic, number, OFFSET_BEGINNING)
            for topic, count in self._partitions.items()
            for number in range(count)
        ]

    def ends(self) -> dict[tuple[str, int], int]:
        """The offset after the last record of each partition, whatever became of that one."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        futures = self.admin.list_offsets(dict.fromkeys(self.partitions(), latest))
        return {
            (each.topic, each.partition): future.result(10).offset
            for each, future in futures.items()
        }

    def read_back(self) -> dict[Place, Message]:
        """Every committed record."""
        records: dict[Place, Message] = {}
        ends = 0
        group = self.names["CORE"]
        with Consumer(kafka(**{"group.id": group, "enable.partition.eof": True})) as consumer:
            consumer.assign(self.partitions())
            while ends < len(self.partitions()):
                for message in consumer.consume(5000, 0.2):
                    if message.error() is None:
                        records[place_of(message)] = message
                    else:
                        ends += 1
        return records


def place_of(message: Message) -> Place:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None and partition is not None and offset is not None
    return Place(topic, partition, offset)


@contextmanager
def new_topics(partitions: Sequence[int]) -> Iterator[Topics]:
    """Topics with their subjects that nobody else uses; deleted in the end."""
    topics = Topics(partitions)
    with SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"], "timeout": 5}) as registry:
        try:
            for topic in topics.names.values():
                topics.create(topic)
            topics.register(registry)
            yield topics
        finally:
            there = topics.admin.list_topics(timeout=10).topics
            topics.delete([topic for topic in topics.names.values() if topic in there])
            for topic in topics.names.values():
                registry.delete_subject(f"{topic}-value")


class Publisher:
    """Publishes by hand; `options` are the client's."""

    def __init__(self, **options: Any) -> None:
        self.producer = Producer(kafka(**{"partitioner": "murmur2_random", **options}))

    def publish(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.producer.produce(topic, value, key, headers=headers, on_delivery=_delivered)
        self.producer.poll(0)

    def flush(self) -> None:
        """Wait until Kafka has all that was published."""
        assert self.producer.flush(20) == 0


def _delivered(error: KafkaError | None, message: Message) -> None:
    if error is not None:
        raise KafkaException(error)
