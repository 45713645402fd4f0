"""Subjects of the real schema registry, each test with its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from confluent_kafka.schema_registry import Schema, SchemaRegistryError

from ingestion.schema_registry import connect, subject_of


@contextmanager
def topic_of_its_own() -> Iterator[str]:
    """The name of a topic that nobody else uses; its subject is deleted for good in the end."""
    topic = f"topic-{uuid4().hex}"
    yield topic
    with connect() as client:
        for permanent in (False, True):
            try:
                client.delete_subject(subject_of(topic), permanent=permanent)
            except SchemaRegistryError as error:
                assert error.http_status_code == 404


def register(topic: str, schema: Any, *, kind: str = "AVRO", **rest: Any) -> int:
    """The id of `schema` (JSON, parsed) under the subject of `topic`."""
    with connect() as client:
        schema_id: int = client.register_schema(
            subject_of(topic), Schema(json.dumps(schema), kind, **rest)
        )
    return schema_id
