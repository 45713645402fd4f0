from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic
from django.core.management import CommandError, call_command

from ingestion.kafka import client_config
from ingestion.topics import TopicKeeper

Topics = dict[str, str]


@pytest.fixture
def admin() -> AdminClient:
    return AdminClient({**client_config()})


@pytest.fixture
def topics(settings: Any, admin: AdminClient) -> Iterator[Topics]:
    """Names that nobody else uses, in the settings' place; deleted in the end."""
    settings.TOPICS = {
        source: f"{source}-{uuid4().hex}" for source in ("CORE", "GATEWAY", "MOBILE")
    }
    yield settings.TOPICS
    there = admin.list_topics(timeout=10).topics.keys() & settings.TOPICS.values()
    for deleted in admin.delete_topics(list(there)).values() if there else ():
        deleted.result(10)


def create(**options: Any) -> list[str]:
    out = StringIO()
    call_command("create_topics", stdout=out, **options)
    return out.getvalue().splitlines()


def make(admin: AdminClient, topic: str, *, partitions: int = 6, stamped: str) -> None:
    config = {"message.timestamp.type": stamped}
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(10)


def timestamp_type(admin: AdminClient, topic: str) -> str:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    found = admin.describe_configs([resource])[resource].result(10)
    return str(found["message.timestamp.type"].value)


def test_the_topics_are_created(topics: Topics, admin: AdminClient) -> None:
    assert create() == [f"{topic}: created" for topic in topics.values()]

    there = admin.list_topics(timeout=10).topics
    for topic in topics.values():
        assert len(there[topic].partitions) == 6
        assert timestamp_type(admin, topic) == "LogAppendTime"


def test_again_does_no_harm(topics: Topics) -> None:
    create()

    assert create() == [f"{topic}: already there" for topic in topics.values()]


def test_what_is_missing_is_created(topics: Topics, admin: AdminClient) -> None:
    make(admin, topics["GATEWAY"], stamped="LogAppendTime")

    assert [line.split(": ")[1] for line in create()] == ["created", "already there", "created"]


def test_the_number_of_partitions_may_be_chosen(topics: Topics, admin: AdminClient) -> None:
    create(partitions=2)

    assert len(admin.list_topics(timeout=10).topics[topics["CORE"]].partitions) == 2
    create(partitions=2)


@pytest.mark.parametrize("partitions", [4, 12])
def test_another_number_of_partitions_is_refused(
    topics: Topics, admin: AdminClient, partitions: int
) -> None:
    make(admin, topics["CORE"], partitions=partitions, stamped="LogAppendTime")

    with pytest.raises(CommandError, match=f"CORE-.* has {partitions} partitions, not 6: "):
        create()


def test_a_topic_that_producers_stamp_is_refused(topics: Topics, admin: AdminClient) -> None:
    make(admin, topics["CORE"], stamped="CreateTime")

    with pytest.raises(CommandError, match=r"CORE-.* has message\.timestamp\.type=CreateTime"):
        create()
    assert timestamp_type(admin, topics["CORE"]) == "CreateTime"


def test_every_contradiction_is_told(topics: Topics, admin: AdminClient) -> None:
    make(admin, topics["CORE"], stamped="CreateTime")
    make(admin, topics["MOBILE"], partitions=1, stamped="LogAppendTime")

    with pytest.raises(CommandError) as refusal:
        create()
    assert len(str(refusal.value).splitlines()) == 2


def test_of_several_at_once_one_creates(topics: Topics) -> None:
    def ensure(keeper: TopicKeeper) -> bool:
        return keeper.ensure(topics["CORE"], partitions=6, replication_factor=1)

    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(ensure, [TopicKeeper() for _ in range(4)]))

    assert sorted(created) == [False, False, False, True]


def test_what_the_broker_refuses_is_told(topics: Topics) -> None:
    with pytest.raises(CommandError, match=r"did not do it: .*replication factor of 3"):
        create(replication_factor=3)


def test_a_broker_that_is_down_is_one_sentence(
    topics: Topics, settings: Any, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    monkeypatch.setattr("ingestion.topics.TIMEOUT_SECONDS", 1)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        settings.KAFKA_BOOTSTRAP_SERVERS = f"127.0.0.1:{reserved.getsockname()[1]}"

        with pytest.raises(CommandError, match=r"Kafka at 127\.0\.0\.1:.*Connection refused"):
            create()
    assert capfd.readouterr() == ("", "")


def test_an_authority_that_cannot_be_read_is_one_sentence(
    settings: Any, tmp_path: Any, capfd: Any
) -> None:
    settings.KAFKA_SECURITY_PROTOCOL = "SSL"
    settings.KAFKA_SSL_CA = str(tmp_path / "missing.pem")

    with pytest.raises(CommandError, match=r"The Kafka settings do not work: .*ssl\.ca\.location"):
        create()
    assert capfd.readouterr() == ("", "")
