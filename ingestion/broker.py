"""Questions to the broker: which partitions there are, where they begin and end."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from ingestion.offsets import Partition

TIMEOUT_SECONDS = 5.0


class TopicMissing(Exception):
    """A topic is not there; the message says what to do."""


class Broker:
    """Raises KafkaException when the broker does not answer in time."""

    def __init__(self, config: dict[str, Any], topics: Collection[str]) -> None:
        self._admin = AdminClient(config)
        self.topics = sorted(topics)

    def partitions(self) -> list[Partition]:
        """The partitions that the topics have now."""
        metadata = self._admin.list_topics(timeout=TIMEOUT_SECONDS)
        partitions = []
        for topic in self.topics:
            if topic not in metadata.topics:
                raise TopicMissing(f"There is no topic {topic}: run manage.py create_topics.")
            partitions += [Partition(topic, number) for number in metadata.topics[topic].partitions]
        return sorted(partitions)

    def beginnings(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """The first offset that each partition still has."""
        return self._offsets(partitions, OffsetSpec.earliest())  # type: ignore[no-untyped-call]

    def ends(self, partitions: Collection[Partition]) -> dict[Partition, int]:
        """The offset after the last record of each partition, also of an open transaction."""
        return self._offsets(partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def _offsets(
        self, partitions: Collection[Partition], which: OffsetSpec
    ) -> dict[Partition, int]:
        if not partitions:
            return {}
        futures = self._admin.list_offsets(
            {TopicPartition(*partition): which for partition in partitions},
            isolation_level=IsolationLevel.READ_UNCOMMITTED,
            request_timeout=TIMEOUT_SECONDS,
        )
        return {
            Partition(asked.topic, asked.partition): future.result().offset
            for asked, future in futures.items()
        }
