from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaReference, SchemaRegistryClient

from ingestion.schema_registry import (
    RegistryUnavailable,
    WriterSchemas,
    connect,
    register_schema,
    subject_of,
)
from ingestion.tests.avro_records import our_schema, with_field, with_type, write
from ingestion.tests.subjects import register, topic_of_its_own
from ingestion.writer_schema import UnknownSchema

JSON_SCHEMA = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}


@pytest.fixture
def topic() -> Iterator[str]:
    with topic_of_its_own() as topic:
        yield topic


@pytest.fixture
def client() -> Iterator[SchemaRegistryClient]:
    with connect() as client:
        yield client


@pytest.fixture
def schemas(client: SchemaRegistryClient) -> WriterSchemas:
    return WriterSchemas(client)


def test_a_schema_is_found_by_its_id(schemas: WriterSchemas, topic: str) -> None:
    schema_id = register(topic, our_schema())

    assert schemas.find(topic, schema_id).scale == 4


def test_all_versions_of_a_subject_are_found(schemas: WriterSchemas, topic: str) -> None:
    added = [with_field(["null", kind]) for kind in ("string", "long", "double")]
    for schema in added:
        schema["fields"][-1]["default"] = None
    ids = [register(topic, schema) for schema in (our_schema(), *added)]

    assert len({schemas.find(topic, schema_id) for schema_id in ids}) == 4


def test_what_was_found_needs_no_registry_any_more(
    client: SchemaRegistryClient, topic: str
) -> None:
    schemas = WriterSchemas(client)
    schema_id = register(topic, our_schema())
    found = schemas.find(topic, schema_id)

    client.close()
    schemas.forget_unknown()
    assert schemas.find(topic, schema_id) is found


def test_a_schema_of_another_subject_is_unknown(schemas: WriterSchemas, topic: str) -> None:
    register(topic, our_schema())
    with topic_of_its_own() as other:
        schema_id = register(other, with_field("string"))

        with pytest.raises(UnknownSchema, match=f"{topic}-value cannot be read: it is not reg"):
            schemas.find(topic, schema_id)


def test_one_id_may_belong_to_several_subjects(schemas: WriterSchemas, topic: str) -> None:
    with topic_of_its_own() as other:
        schema_id = register(topic, our_schema())
        assert register(other, our_schema()) == schema_id

        assert schemas.find(topic, schema_id) is not schemas.find(other, schema_id)


def test_a_subject_that_is_not_there_has_no_schemas(schemas: WriterSchemas, topic: str) -> None:
    with pytest.raises(UnknownSchema):
        schemas.find(topic, 1)


def test_a_schema_that_is_not_avro_is_unknown(schemas: WriterSchemas, topic: str) -> None:
    schema_id = register(topic, JSON_SCHEMA, kind="JSON")

    with pytest.raises(UnknownSchema, match="it is JSON"):
        schemas.find(topic, schema_id)


def test_a_version_that_was_deleted_is_still_found(
    client: SchemaRegistryClient, schemas: WriterSchemas, topic: str
) -> None:
    schema_id = register(topic, our_schema())
    register(topic, with_type("account_id", "bytes"))
    client.delete_version(subject_of(topic), 1)

    assert schemas.find(topic, schema_id).scale == 4


def test_a_subject_that_was_made_anew_is_read_anew(schemas: WriterSchemas, topic: str) -> None:
    schemas.find(topic, register(topic, our_schema()))
    with connect() as elsewhere:
        elsewhere.delete_subject(subject_of(topic))
        elsewhere.delete_subject(subject_of(topic), permanent=True)
    schema_id = register(topic, with_field("string"))

    schemas.forget_unknown()
    assert schemas.find(topic, schema_id).scale == 4


def test_a_schema_may_refer_to_others(schemas: WriterSchemas, topic: str) -> None:
    source = our_schema()["fields"][2]["type"] | {"namespace": "reconsite"}
    register(topic, source)
    with topic_of_its_own() as other:
        schema_id = register(
            other,
            with_type("source", "reconsite.Source"),
            references=[SchemaReference("reconsite.Source", subject_of(topic), 1)],
        )

        fields, _ = schemas.find(other, schema_id).read(write(), 0)
    assert fields[2] == "CORE"


Answer = tuple[int, bytes]
Serve = Callable[..., list[str]]


@pytest.fixture
def answering(settings: Any) -> Iterator[Serve]:
    """Puts a server in the registry's place that gives these answers, the last one for good.

    The paths that it is asked for come in the list that is given back.
    """
    servers = []

    def serve(*answers: Answer) -> list[str]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, content = answers[min(len(asked), len(answers) - 1)]
                asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *arguments: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        settings.SCHEMA_REGISTRY_URL = f"http://127.0.0.1:{server.server_port}"
        return asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "answers",
    [
        [(500, b'{"error_code": 50001, "message": "down"}')],
        [(503, b"<html>no server is available</html>")],
        [(401, b'{"error_code": 401, "message": "who are you"}')],
        [(404, b"<html>no such page</html>")],
        [(404, b"{}")],
        [(404, b"")],
        [(200, b"<html>please sign in</html>")],
        [(200, b'{"hello": "world"}')],
        [(200, b"[[]]")],
        [(200, b"7")],
        [(200, b"")],
        [(200, b"[1]"), (200, b"{}")],
        [(200, b"[1]"), (200, b'{"id": 1}')],
        [(200, b"[1]"), (200, b'"no object"')],
        [(200, b"[1]"), (404, b'{"error_code": 40402, "message": "Version not found."}')],
    ],
)
def test_any_other_answer_is_a_fault(answering: Serve, answers: list[Answer]) -> None:
    answering(*answers)

    with connect() as client, pytest.raises(RegistryUnavailable, match="The schema registry"):
        WriterSchemas(client).find("core_txns", 1)


def test_registering_stops_at_a_fault(answering: Serve) -> None:
    level = b'{"compatibilityLevel": "FULL_TRANSITIVE"}'
    asked = answering((200, level), (401, b""), (200, b'{"id": 1, "is_compatible": true}'))

    with connect() as client, pytest.raises(RegistryUnavailable):
        register_schema(client, topic="core_txns")
    assert len(asked) == 2


def test_a_flood_of_unknown_ids_costs_one_question_a_batch(answering: Serve) -> None:
    asked = answering((404, b'{"error_code": 40401, "message": "Subject not found."}'))
    with connect() as client:
        schemas = WriterSchemas(client)
        for _batch in range(2):
            schemas.forget_unknown()
            for schema_id in range(1_000):
                with pytest.raises(UnknownSchema):
                    schemas.find("core_txns", schema_id)

    assert len(asked) == 2


def test_after_a_fault_it_is_asked_again(answering: Serve) -> None:
    asked = answering((401, b""))
    with connect() as client:
        schemas = WriterSchemas(client)
        for _attempt in range(2):
            with pytest.raises(RegistryUnavailable):
                schemas.find("core_txns", 1)

    assert len(asked) == 2


def test_silence_is_a_fault(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.SCHEMA_REGISTRY_URL = f"http://127.0.0.1:{mute.getsockname()[1]}"

        with connect() as client, pytest.raises(RegistryUnavailable, match="Timeout"):
            WriterSchemas(client).find("core_txns", 1)


def test_an_authority_that_cannot_be_read_is_a_fault(settings: Any, tmp_path: Any) -> None:
    settings.SCHEMA_REGISTRY_CA = str(tmp_path / "missing.pem")

    with pytest.raises(RegistryUnavailable, match="SCHEMA_REGISTRY_URL or _CA does not work"):
        connect()
