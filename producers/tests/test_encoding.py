from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import fastavro

from producers.encoding import SCHEMA_TEXT, Encoder
from producers.telling import Event

EVENT = Event(
    event_id="442a4445-7137-472b-a218-c1007dc8f76a",
    transaction_id="TXN-7-000000003",
    source="CORE",
    account_id="AC0000000001",
    amount=Decimal("12.345"),
    currency="KWD",
    status="SUCCESS",
    occurred_at=datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC),
    channel="UPI",
    reference="012345678901",
)


def test_an_event_comes_back_as_it_was() -> None:
    value = Encoder(258).encode(EVENT._asdict())
    body = BytesIO(value[5:])
    read = fastavro.schemaless_reader(body, json.loads(SCHEMA_TEXT), None)
    assert read == EVENT._asdict() | {"event_id": UUID(EVENT.event_id)}
    assert not body.read()


def test_the_frame_is_a_zero_and_the_schema_id() -> None:
    assert Encoder(258).encode(EVENT._asdict())[:5] == b"\x00\x00\x00\x01\x02"


def test_the_fields_are_those_of_the_schema() -> None:
    assert list(Event._fields) == [field["name"] for field in json.loads(SCHEMA_TEXT)["fields"]]
