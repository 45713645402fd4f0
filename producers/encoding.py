"""Avro in Confluent framing: an event's fields become the value of a Kafka record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import fastavro

SCHEMA_TEXT = (
    Path(__file__).resolve().parent.parent / "schemas" / "transaction_event.avsc"
).read_text(encoding="utf-8")

_SCHEMA = fastavro.parse_schema(json.loads(SCHEMA_TEXT))


class Encoder:
    """Encodes records of the event schema, which the registry knows as `schema_id`."""

    def __init__(self, schema_id: int) -> None:
        self._frame = b"\x00" + schema_id.to_bytes(4, "big")

    def encode(self, record: Mapping[str, object]) -> bytes:
        """The framed bytes of a record that has every field of the schema."""
        value = BytesIO()
        value.write(self._frame)
        fastavro.schemaless_writer(value, _SCHEMA, record)
        return value.getvalue()
