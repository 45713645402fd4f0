from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from django.core.management import CommandError, call_command

from ingestion.schema_registry import WriterSchemas, connect, subject_of
from ingestion.tests.avro_records import our_schema, with_field, with_type
from ingestion.tests.subjects import register, topic_of_its_own

Topics = dict[str, str]


@pytest.fixture
def topics(settings: Any) -> Iterator[Topics]:
    with ExitStack() as stack:
        settings.TOPICS = {
            source: stack.enter_context(topic_of_its_own())
            for source in ("CORE", "GATEWAY", "MOBILE")
        }
        yield settings.TOPICS


@pytest.fixture
def client() -> Iterator[SchemaRegistryClient]:
    with connect() as client:
        yield client


def register_schemas() -> list[str]:
    out = StringIO()
    call_command("register_schemas", stdout=out)
    return out.getvalue().splitlines()


def newer() -> dict[str, Any]:
    """A schema that goes with ours."""
    schema = with_field(["null", "string"])
    schema["fields"][-1]["default"] = None
    return schema


def test_the_schema_is_registered_for_each_topic(
    topics: Topics, client: SchemaRegistryClient
) -> None:
    assert register_schemas() == [f"{topic}-value: created" for topic in topics.values()]

    for topic in topics.values():
        version = client.get_version(subject_of(topic), 1)
        assert version.schema_id is not None
        assert WriterSchemas(client).find(topic, version.schema_id).scale == 4
        assert client.get_compatibility(subject_of(topic)) == "FULL_TRANSITIVE"


def test_again_does_no_harm(topics: Topics, client: SchemaRegistryClient) -> None:
    register_schemas()

    assert register_schemas() == [f"{topic}-value: already there" for topic in topics.values()]
    assert client.get_versions(subject_of(topics["CORE"])) == [1]


def test_a_newer_version_that_goes_with_it_is_welcome(
    topics: Topics, client: SchemaRegistryClient
) -> None:
    register_schemas()
    register(topics["CORE"], newer())

    assert register_schemas()[0] == f"{topics['CORE']}-value: already there"
    assert client.get_versions(subject_of(topics["CORE"])) == [1, 2]


def test_it_joins_another_version_that_goes_with_it(
    topics: Topics, client: SchemaRegistryClient
) -> None:
    client.set_compatibility(subject_of(topics["CORE"]), "FULL_TRANSITIVE")
    register(topics["CORE"], newer())

    assert register_schemas()[0] == f"{topics['CORE']}-value: created"


@pytest.mark.parametrize("level", ["NONE", "BACKWARD", "FULL"])
def test_a_lower_compatibility_is_refused(
    topics: Topics, client: SchemaRegistryClient, level: str
) -> None:
    client.set_compatibility(subject_of(topics["CORE"]), level)

    with pytest.raises(CommandError, match=f"-value has compatibility {level}: raise it to FULL_T"):
        register_schemas()
    assert client.get_compatibility(subject_of(topics["CORE"])) == level


def test_a_version_that_does_not_go_with_it_is_refused(
    topics: Topics, client: SchemaRegistryClient
) -> None:
    register(topics["CORE"], with_type("account_id", "long"))
    client.set_compatibility(subject_of(topics["CORE"]), "FULL_TRANSITIVE")

    with pytest.raises(CommandError, match="does not take the event schema beside what it holds"):
        register_schemas()
    assert client.get_versions(subject_of(topics["CORE"])) == [1]


def test_a_version_beside_it_that_does_not_go_with_it_is_refused(
    topics: Topics, client: SchemaRegistryClient
) -> None:
    register(topics["CORE"], our_schema())
    register(topics["CORE"], with_type("account_id", "long"))
    client.set_compatibility(subject_of(topics["CORE"]), "FULL_TRANSITIVE")

    with pytest.raises(CommandError, match="beside a version that is incompatible with it"):
        register_schemas()


def test_a_subject_of_another_kind_is_refused(topics: Topics, client: SchemaRegistryClient) -> None:
    kind = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}
    register(topics["CORE"], kind, kind="JSON")
    client.set_compatibility(subject_of(topics["CORE"]), "FULL_TRANSITIVE")

    with pytest.raises(CommandError, match="does not take the event schema"):
        register_schemas()


def test_every_contradiction_is_told_and_the_rest_is_done(
    topics: Topics, client: SchemaRegistryClient
) -> None:
    for source in ("CORE", "MOBILE"):
        client.set_compatibility(subject_of(topics[source]), "NONE")

    with pytest.raises(CommandError) as refusal:
        register_schemas()
    assert len(str(refusal.value).splitlines()) == 2
    assert client.get_versions(subject_of(topics["GATEWAY"])) == [1]


def test_a_registry_that_is_down_is_one_sentence(settings: Any) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        settings.SCHEMA_REGISTRY_URL = f"http://127.0.0.1:{reserved.getsockname()[1]}"

        with pytest.raises(CommandError, match=r"The schema registry did not answer: .*refused"):
            register_schemas()
