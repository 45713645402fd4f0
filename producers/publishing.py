"""Publish to Kafka with acks from all replicas, and know what was acknowledged."""

from __future__ import annotations

import os
from collections.abc import Mapping

import httpx2
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from producers.encoding import SCHEMA_TEXT

BROKER_PATIENCE = 5.0
"""Seconds in which a broker must have answered at the start."""

NOT_REGISTERED = (40401, 40403)
"""The registry's own codes for: no such subject, no such schema there."""

UNKNOWN_TOPIC = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC)


class SettingsError(Exception):
    """A setting is missing or malformed: a person must change it."""


class NotReadyError(Exception):
    """Kafka or the registry is down, refuses, or lacks something: start again when it is there."""


def setting(name: str, default: str | None = None) -> str:
    """The environment's value; empty means not set, and without a default it must be set."""
    value = os.environ.get(name) or default
    if value is None:
        raise SettingsError(f"{name} is not set: .env.example says what it is for.")
    return value


def kafka_settings() -> dict[str, str]:
    """The broker's address and the client's certificate, in librdkafka's words."""
    protocol = setting("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    if protocol not in {"PLAINTEXT", "SSL"}:
        raise SettingsError(f"KAFKA_SECURITY_PROTOCOL is {protocol}, not PLAINTEXT or SSL.")
    files = {
        "ssl.ca.location": setting("KAFKA_SSL_CA", ""),
        "ssl.certificate.location": setting("KAFKA_SSL_CERT", ""),
        "ssl.key.location": setting("KAFKA_SSL_KEY", ""),
    }
    return {
        "bootstrap.servers": setting("KAFKA_BOOTSTRAP_SERVERS"),
        "security.protocol": protocol,
        **{name: path for name, path in files.items() if path and protocol == "SSL"},
    }


def registry_settings() -> dict[str, str]:
    """The registry's address and the authority that its certificate must come from."""
    url = setting("SCHEMA_REGISTRY_URL")
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"SCHEMA_REGISTRY_URL is {url}, not a http:// or https:// address.")
    authority = setting("SCHEMA_REGISTRY_CA", "")
    return {"url": url, **({"ssl.ca.location": authority} if authority else {})}


def schema_id(topic: str, settings: Mapping[str, str]) -> int:
    """The id under which the registry knows our schema for `topic`.

    Not the id of the subject's newest version: somebody may have registered a
    newer one, and what we write is ours.
    """
    subject = f"{topic}-value"
    url = settings["url"]
    try:
        registry = SchemaRegistryClient({**settings, "timeout": 2, "max.retries": 1})
        with registry:
            known = registry.lookup_schema(
                subject, Schema(SCHEMA_TEXT, "AVRO"), normalize_schemas=True
            )
    except SchemaRegistryError as error:
        if error.error_code in NOT_REGISTERED:
            raise NotReadyError(
                f"The schema registry does not know our schema for {subject}: "
                "run manage.py register_schemas."
            ) from error
        raise NotReadyError(
            f"The schema registry at {url} answers with status {error.http_status_code}: "
            f"{error.error_message or 'is the address right?'}"
        ) from error
    except (httpx2.HTTPError, ValueError) as error:
        raise NotReadyError(f"The schema registry at {url} does not answer: {error}.") from error
    except OSError as error:
        raise SettingsError(f"SCHEMA_REGISTRY_CA cannot be read: {error.strerror}.") from error
    if known.schema_id is None:
        raise NotReadyError(f"The schema registry at {url} gives no id for {subject}.")
    return known.schema_id


class Publisher:
    """An idempotent producer for one topic.

    `acknowledged` and `failed` count records; `problem` is the last thing
    that Kafka complained about. A record fails when no broker has taken it
    for five minutes, or at once when it is refused.
    """

    def __init__(self, topic: str, settings: Mapping[str, str]) -> None:
        """Raises NotReadyError unless the broker answers and has the topic."""
        self.acknowledged = 0
        self.failed = 0
        self.problem = ""
        self._topic = topic
        try:
            self._producer = Producer(
                {
                    **settings,
                    "enable.idempotence": True,
                    "acks": "all",
                    "compression.type": "lz4",
                    "partitioner": "murmur2_random",
                    "linger.ms": 5,
                    "error_cb": self._complained,
                    "log_level": 2,
                }
            )
        except KafkaException as error:
            raise SettingsError(f"Kafka's settings are malformed: {_reason(error)}.") from error
        self._look_for_topic(settings["bootstrap.servers"])

    def _look_for_topic(self, address: str) -> None:
        try:
            known = self._producer.list_topics(self._topic, BROKER_PATIENCE).topics[self._topic]
        except KafkaException as error:
            raise NotReadyError(
                f"Kafka at {address} does not answer: {self._why(error)}."
            ) from error
        if known.error is None:
            return
        if known.error.code() in UNKNOWN_TOPIC:
            raise NotReadyError(f"There is no topic {self._topic}: run manage.py create_topics.")
        raise NotReadyError(f"Kafka refuses topic {self._topic}: {known.error.str()}.")

    @property
    def outstanding(self) -> int:
        """How many records are neither acknowledged nor failed."""
        return len(self._producer)

    def publish(self, key: str, value: bytes | None) -> None:
        """Hand a record over; waits while the local queue is full.

        Raises NotReadyError when Kafka takes no more from this producer at all.
        """
        while True:
            try:
                self._producer.produce(
                    self._topic, value=value, key=key, on_delivery=self._delivered
                )
                break
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as error:
                raise NotReadyError(
                    f"Kafka refuses records for {self._topic}: {self._why(error)}."
                ) from error
        self._producer.poll(0)

    def serve(self, seconds: float) -> None:
        """Take in acknowledgements, waiting up to `seconds` for the first one."""
        self._producer.poll(seconds)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self.acknowledged += 1
        else:
            self.failed += 1
            self.problem = error.str()

    def _why(self, error: KafkaException) -> str:
        """What Kafka complained about says more than the error that it led to."""
        self._producer.poll(0)
        return self.problem or _reason(error)

    def _complained(self, error: KafkaError) -> None:
        """Keep the reason; that all brokers are down only repeats that there is one."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN or not self.problem:
            self.problem = error.str()


def _reason(error: KafkaException) -> str:
    return str(error.args[0].str())
