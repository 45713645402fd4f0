"""Each unreadable record has the reason that it claims, read as the contract reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import fastavro
import pytest

from producers.encoding import SCHEMA_TEXT, Encoder
from producers.tests.test_encoding import EVENT
from producers.unreadable import SPOILINGS, Spoiling, spoiling

SCHEMA_ID = 5

# fastavro refuses to read what is no UUID; the contract calls that an invalid field.
WITHOUT_UUID = json.loads(SCHEMA_TEXT.replace('"logicalType": "uuid"', '"doc": ""'))


def readable(fields: Mapping[str, object]) -> bool:
    """Section 3 of the contract, beyond Avro."""
    texts = {
        "transaction_id": r"[!-~]{1,64}",
        "account_id": r"[^\0]{1,64}",
        "currency": r"[A-Z]{3}",
        "status": r"PENDING|SUCCESS|FAILED|REVERSED",
        "channel": r"[A-Z0-9_]{1,16}",
        "reference": r"[^\0]{1,64}",
        "event_id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    }
    return (
        all(re.fullmatch(rule, str(fields[name]), re.DOTALL) for name, rule in texts.items())
        and Decimal(str(fields["amount"])) >= 0
        and datetime(2000, 1, 1, tzinfo=UTC) <= datetime.fromisoformat(str(fields["occurred_at"]))
    )


def reason(value: bytes | None) -> str | None:
    """The reason code of a record in core's topic, the first that applies; None for an event."""
    if value is None or len(value) < 5 or value[0] != 0:
        return "not_confluent_framed"
    if value[1:5] != SCHEMA_ID.to_bytes(4, "big"):
        return "unknown_schema"
    body = BytesIO(value[5:])
    fields: Any
    try:
        fields = fastavro.schemaless_reader(body, WITHOUT_UUID, None)
    except (EOFError, UnicodeDecodeError):
        return "undecodable"
    if body.read():
        return "trailing_bytes"
    if fields["source"] != "CORE":
        return "wrong_source"
    return None if readable(fields) else "invalid_field"


def spoilt(how: Spoiling) -> bytes | None:
    return how.value(Encoder(SCHEMA_ID).encode(how.record(EVENT._asdict())))


def test_the_event_itself_is_readable() -> None:
    assert reason(Encoder(SCHEMA_ID).encode(EVENT._asdict())) is None


@pytest.mark.parametrize("how", SPOILINGS, ids=lambda how: how.name)
def test_a_spoilt_event_has_its_reason(how: Spoiling) -> None:
    assert reason(spoilt(how)) == how.reason


def test_every_reason_of_the_contract_occurs() -> None:
    assert list(dict.fromkeys(how.reason for how in SPOILINGS)) == [
        "not_confluent_framed",
        "unknown_schema",
        "undecodable",
        "trailing_bytes",
        "wrong_source",
        "invalid_field",
    ]


def test_every_spoiling_is_drawn() -> None:
    drawn = {spoiling((n + 0.5) / 1000).name for n in range(1000)}
    assert len(drawn) == len(SPOILINGS)
