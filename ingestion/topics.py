"""The topics that the sources publish to: created as they must be, or checked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported all the same
    AdminClient,
    ConfigResource,
    NewTopic,
)
from django.conf import settings

from ingestion.kafka import client_config

TIMEOUT_SECONDS = 10
# The broker stamps records as it appends them, so that delay is measured by one clock and a
# source whose own is wrong cannot push its records out of the time that is allowed.
TIMESTAMP_TYPE = "LogAppendTime"


class KafkaFailed(Exception):
    """The brokers did not answer, or refused: a sentence."""


class TopicContradicts(Exception):
    """A topic is not as it must be; the message says in what, and what to do."""


class TopicKeeper:
    """Creates topics and checks those that are there. Raises KafkaFailed within seconds."""

    def __init__(self) -> None:
        self._errors: list[str] = []
        # Errors come by the callback; log lines would only repeat them on standard error.
        config: dict[str, Any] = {**client_config(), "error_cb": self._note, "log_level": 0}
        try:
            self._admin = AdminClient(config)
        except KafkaException as failure:
            reason = failure.args[0].str()
            raise KafkaFailed(f"The Kafka settings do not work: {reason}.") from failure

    def ensure(self, topic: str, *, partitions: int, replication_factor: int) -> bool:
        """Create `topic`, ready to use; False where it was there already.

        Raises TopicContradicts.
        """
        created = self._partitions(topic) is None and self._create(
            topic, partitions, replication_factor
        )
        there = self._wait_for(topic)
        if created:
            return True
        if there != partitions:
            raise TopicContradicts(
                f"{topic} has {there} partitions, not {partitions}: make it anew, "
                f"or give all three topics --partitions {there}."
            )
        stamped = self._timestamp_type(topic)
        if stamped != TIMESTAMP_TYPE:
            raise TopicContradicts(
                f"{topic} has message.timestamp.type={stamped}, not {TIMESTAMP_TYPE}: "
                "alter it by kafka-configs.sh."
            )
        return False

    def _partitions(self, topic: str) -> int | None:
        """How many partitions a topic has; None where there is no such topic."""
        with self._asking():
            # Asked by name, a topic that is not there would be made by brokers that do that.
            found = self._admin.list_topics(timeout=TIMEOUT_SECONDS).topics.get(topic)
        return None if found is None else len(found.partitions)

    def _wait_for(self, topic: str) -> int:
        """How many partitions a topic has that is there: brokers show it a little later."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (partitions := self._partitions(topic)) is None:
            if time.monotonic() > deadline:
                raise KafkaFailed(f"Kafka says that {topic} exists, but does not show it.")
            time.sleep(0.05)
        return partitions

    def _create(self, topic: str, partitions: int, replication_factor: int) -> bool:
        """False where somebody else was faster."""
        new = NewTopic(
            topic,
            num_partitions=partitions,
            replication_factor=replication_factor,
            config={"message.timestamp.type": TIMESTAMP_TYPE},
        )
        with self._asking():
            try:
                self._admin.create_topics([new], request_timeout=TIMEOUT_SECONDS)[topic].result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
                return False
        return True

    def _timestamp_type(self, topic: str) -> str:
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        with self._asking():
            found = self._admin.describe_configs([resource], request_timeout=TIMEOUT_SECONDS)
            stamped: str = found[resource].result()["message.timestamp.type"].value
        return stamped

    def _note(self, error: KafkaError) -> None:
        self._errors.append(error.str())

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as failure:
            error = failure.args[0]
            self._admin.poll(0)
            # Where no broker answered, what went wrong first says more than that time ran out.
            reason = self._errors[0] if error.code() < 0 and self._errors else error.str()
            brokers = settings.KAFKA_BOOTSTRAP_SERVERS
            raise KafkaFailed(f"Kafka at {brokers} did not do it: {reason}.") from failure
