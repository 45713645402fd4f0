"""Records as producers write them, right and wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import fastavro
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Message
from hypothesis import strategies as st

from ingestion.writer_schema import SCHEMA_TEXT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
APPENDED_AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "event_id": "0b2f0f0e-6c1d-4c3e-9a55-0f6d1c2b3a4f",
    "transaction_id": "TXN-000000000042",
    "source": "CORE",
    "account_id": "ACC-77",
    "amount": (1_234_567).to_bytes(4, "big"),
    "currency": "INR",
    "status": "SUCCESS",
    "occurred_at": 1_795_599_000_123_456,
    "channel": "UPI",
    "reference": "RRN-9",
}


def our_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_TEXT)
    return schema


def with_type(name: str, declared: Any) -> dict[str, Any]:
    """Our schema, but for the type of one field."""
    schema = our_schema()
    for field in schema["fields"]:
        if field["name"] == name:
            field["type"] = declared
            field.pop("default", None)
    return schema


def with_field(declared: Any, *, at: int = 10, name: str = "added") -> dict[str, Any]:
    """Our schema and one more field, before the `at`-th."""
    schema = our_schema()
    schema["fields"].insert(at, {"name": name, "type": declared})
    return schema


def write(schema: Any | None = None, **changes: Any) -> bytes:
    """The body of a record that is right but for `changes`, which are taken as they stand."""
    bare = _bare(schema or our_schema())
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(bare), FIELDS | changes)
    return body.getvalue()


def _bare(schema: Any) -> Any:
    """Without logical types, so that bytes and numbers are written as they stand."""
    if isinstance(schema, dict):
        return {key: _bare(part) for key, part in schema.items() if key != "logicalType"}
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    return schema


def framed(body: bytes, *, schema_id: int = 1) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + body


def message(
    value: bytes | None,
    *,
    topic: str = "core_txns",
    key: bytes | None = b"TXN-000000000042",
    headers: list[tuple[str, bytes | None]] | None = None,
    timestamp: tuple[int, int] = (
        TIMESTAMP_LOG_APPEND_TIME,
        int(APPENDED_AT.timestamp()) * 1000,
    ),
) -> Message:
    return Message(
        topic=topic,
        partition=3,
        offset=1_000,
        key=key,
        value=value,
        headers=headers,  # type: ignore[arg-type]
        timestamp=timestamp,
    )


@st.composite
def damaged(draw: st.DrawFn, bodies: st.SearchStrategy[bytes]) -> bytes:
    """One of `bodies` with some of its bytes changed, taken out or put in, or its end cut off."""
    body = bytearray(draw(bodies))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(body[: draw(st.none() | st.integers(0, len(body)))])
