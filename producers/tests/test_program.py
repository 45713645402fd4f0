"""The real programs against the real broker and registry, each test with a topic of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from murmurhash2 import murmurhash2

from producers.encoding import SCHEMA_TEXT

REPOSITORY = Path(__file__).resolve().parents[2]
PARTITIONS = 3

pytestmark = pytest.mark.processes

NewTopicMaker = Callable[..., str]


@pytest.fixture
def registry() -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"], "timeout": 5}) as client:
        yield client


@pytest.fixture
def new_topic(registry: SchemaRegistryClient) -> Iterator[NewTopicMaker]:
    """Makes topics whose subjects know our schema; they are deleted in the end."""
    admin = AdminClient({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
    names = []

    def make(**config: str) -> str:
        name = f"producers-{uuid4().hex}"
        topic = NewTopic(name, PARTITIONS, 1, config=config)
        admin.create_topics([topic])[name].result(10)
        names.append(name)
        registry.register_schema(f"{name}-value", Schema(SCHEMA_TEXT, "AVRO"))
        return name

    yield make
    for deleted in admin.delete_topics(names).values():
        deleted.result(10)
    for name in names:
        registry.delete_subject(f"{name}-value")


def run(
    *arguments: str, source: str = "core", environment: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, f"producers/{source}_producer.py", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def read(topic: str) -> list[Message]:
    """All records of the topic."""
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
            "group.id": topic,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    consumer.assign([TopicPartition(topic, n, OFFSET_BEGINNING) for n in range(PARTITIONS)])
    records = []
    ends = 0
    while ends < PARTITIONS:
        message = consumer.poll(20)
        assert message is not None, "the broker does not answer"
        if message.error() is None:
            records.append(message)
        else:
            ends += 1
    consumer.close()
    return records


def summary(said: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in said.splitlines()[-1].split())


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_the_topic_holds_what_the_truth_file_tells(
    new_topic: NewTopicMaker, tmp_path: Path
) -> None:
    topic, truth = new_topic(), tmp_path / "core.jsonl"
    arguments = ["--rate", "0", "--count", "500", "--seed", "7", "--fault-rate", "0.3"]
    ran = run(*arguments, "--topic", topic, "--truth", str(truth))
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    told = sum(len(line["published"]) for line in lines)
    spoilt = sum(len(line["dead_letters"]) for line in lines if line["guilty"] == "CORE")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(read(topic)) == told + spoilt == int(summary(ran.stdout)["published"])
    assert spoilt > 0


def test_keys_are_transaction_ids_and_placed_as_the_jvm_places_them(
    new_topic: NewTopicMaker,
) -> None:
    topic = new_topic()
    run("--rate", "0", "--count", "300", "--seed", "8", "--topic", topic, source="mobile")
    records = read(topic)
    assert len(records) > 200
    for record in records:
        key = record.key() or b""
        assert re.fullmatch(rb"TXN-8-\d{9}", key)
        assert record.partition() == (murmurhash2(key, 0x9747B28C) & 0x7FFFFFFF) % PARTITIONS


def test_records_carry_the_id_of_our_schema(
    new_topic: NewTopicMaker, registry: SchemaRegistryClient
) -> None:
    topic = new_topic()
    run("--rate", "0", "--count", "50", "--fault-rate", "0", "--topic", topic)
    known = registry.get_latest_version(f"{topic}-value").schema_id or 0
    assert {(record.value() or b"")[:5] for record in read(topic)} == {
        b"\x00" + known.to_bytes(4, "big")
    }


def test_a_paced_producer_keeps_its_rate_and_tells_the_late_ones(
    new_topic: NewTopicMaker, tmp_path: Path
) -> None:
    topic, truth = new_topic(), tmp_path / "gateway.jsonl"
    arguments = ["--rate", "50", "--count", "100", "--seed", "7", "--fault-rate", "1"]
    arguments += ["--late-after", "1", "--truth", str(truth), "--topic", topic]
    ran = run(*arguments, source="gateway")
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    late = [line for line in lines if (line["fault"], line["guilty"]) == ("late", "GATEWAY")]
    assert late
    assert all(line["published"] for line in late)
    assert 2 < float(summary(ran.stdout)["elapsed"].rstrip("s")) < 20


def test_a_stopped_producer_ends_what_it_began(new_topic: NewTopicMaker) -> None:
    topic = new_topic()
    arguments = ["--rate", "200", "--late-after", "600", "--topic", topic]
    started = subprocess.Popen(
        [sys.executable, "-m", "producers.core_producer", *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline().startswith(f"source=core topic={topic} ")
    assert " published=" in started.stdout.readline()
    started.send_signal(signal.SIGTERM)
    said, _ = started.communicate(timeout=30)
    assert started.returncode == 0
    assert summary(said)["failed"] == "0"
    assert int(summary(said)["published"]) == len(read(topic)) > 0


def test_a_record_that_kafka_refuses_ends_with_a_sentence(new_topic: NewTopicMaker) -> None:
    topic = new_topic(**{"max.message.bytes": "100"})
    ran = run("--rate", "0", "--count", "10", "--topic", topic)
    assert ran.returncode == 1
    assert re.fullmatch(r"\d+ records were not acknowledged: .*size.*\.\n", ran.stderr)
    assert summary(ran.stdout)["published"] == "0"


def test_a_broker_that_is_down_is_said(new_topic: NewTopicMaker) -> None:
    address = f"127.0.0.1:{unused_port()}"
    ran = run("--topic", new_topic(), environment={"KAFKA_BOOTSTRAP_SERVERS": address})
    assert ran.returncode == 1
    assert re.fullmatch(rf"Kafka at {address} does not answer: .*refused.*\.\n", ran.stderr)


def test_a_registry_that_is_down_is_said() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    ran = run(environment={"SCHEMA_REGISTRY_URL": url})
    assert ran.returncode == 1
    assert re.fullmatch(rf"The schema registry at {url} does not answer: .*refused\.\n", ran.stderr)


def test_a_subject_without_our_schema_is_said() -> None:
    topic = f"producers-{uuid4().hex}"
    ran = run("--topic", topic)
    assert ran.returncode == 1
    assert ran.stderr == (
        f"The schema registry does not know our schema for {topic}-value: "
        "run manage.py register_schemas.\n"
    )


def test_a_topic_that_is_not_there_is_said(registry: SchemaRegistryClient) -> None:
    topic = f"producers-{uuid4().hex}"
    registry.register_schema(f"{topic}-value", Schema(SCHEMA_TEXT, "AVRO"))
    ran = run("--topic", topic)
    registry.delete_subject(f"{topic}-value")
    assert ran.returncode == 1
    assert ran.stderr == f"There is no topic {topic}: run manage.py create_topics.\n"


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SCHEMA_REGISTRY_URL", "", "SCHEMA_REGISTRY_URL is not set"),
        (
            "SCHEMA_REGISTRY_URL",
            "registry:8081",
            "SCHEMA_REGISTRY_URL is registry:8081, not a http",
        ),
        ("KAFKA_BOOTSTRAP_SERVERS", "", "KAFKA_BOOTSTRAP_SERVERS is not set"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS", "KAFKA_SECURITY_PROTOCOL is TLS, not PLAINTEXT or SSL"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, value: str, sentence: str) -> None:
    ran = run(environment={setting: value})
    assert ran.returncode == 2
    assert ran.stderr.startswith(sentence)
    assert ran.stderr.count("\n") == 1


def test_a_truth_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    ran = run("--truth", str(tmp_path))
    assert ran.returncode == 2
    assert ran.stderr == f"--truth {tmp_path}: Is a directory.\n"
