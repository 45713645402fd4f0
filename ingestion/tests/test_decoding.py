from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, Message
from confluent_kafka.schema_registry import SchemaRegistryClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingestion.decoding import Decoder, Reason, Record, Undated, Unreadable, too_far_ahead
from ingestion.schema_registry import RegistryUnavailable, WriterSchemas, connect
from ingestion.tests.avro_records import (
    APPENDED_AT,
    EPOCH,
    FIELDS,
    damaged,
    framed,
    message,
    our_schema,
    with_field,
    with_type,
    write,
)
from ingestion.tests.subjects import register, topic_of_its_own

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
one_to_64: dict[str, Any] = {"min_size": 1, "max_size": 64}
UNDATED = (TIMESTAMP_NOT_AVAILABLE, -1)
unhurried = hypothesis_settings(deadline=None)


def micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def scaled(scale: int) -> dict[str, Any]:
    return with_type(
        "amount",
        {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": scale},
    )


class Bench:
    """A decoder of one topic, whose source is CORE, over the real registry."""

    def __init__(self, topic: str, client: SchemaRegistryClient) -> None:
        self.topic = topic
        self.decoder = Decoder(topics={topic: "CORE"}, schemas=WriterSchemas(client))
        self.schema_id = register(topic, our_schema())

    def decode(self, value: bytes | None, **options: Any) -> Record | Unreadable:
        return self.decoder.decode(message(value, topic=self.topic, **options))

    def decode_body(self, body: bytes, **options: Any) -> Record | Unreadable:
        return self.decode(framed(body, schema_id=self.schema_id), **options)

    def decode_written_by(self, schema: Any, **changes: Any) -> Record | Unreadable:
        """What comes of a record that was written with another schema of the subject."""
        self.decoder.begin_batch()
        schema_id = register(self.topic, schema)
        return self.decode(framed(write(schema, **changes), schema_id=schema_id))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with topic_of_its_own() as topic, connect() as client:
        yield Bench(topic, client)


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port of our own on which nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


def reason_of(decoded: Record | Unreadable) -> Reason:
    assert isinstance(decoded, Unreadable)
    return decoded.reason


def record_of(decoded: Record | Unreadable) -> Record:
    assert isinstance(decoded, Record), decoded
    return decoded


def test_a_record_becomes_what_its_source_told(bench: Bench) -> None:
    assert bench.decode_body(write()) == Record(
        topic=bench.topic,
        partition=3,
        offset=1_000,
        event_id="0b2f0f0e-6c1d-4c3e-9a55-0f6d1c2b3a4f",
        transaction_id="TXN-000000000042",
        source="CORE",
        account_id="ACC-77",
        amount=Decimal("123.4567"),
        currency="INR",
        status="SUCCESS",
        occurred_at=datetime(2026, 11, 25, 9, 30, 0, 123456, tzinfo=UTC),
        channel="UPI",
        reference="RRN-9",
        kafka_timestamp=APPENDED_AT,
    )


def test_an_event_is_a_record_and_when_it_was_received(bench: Bench) -> None:
    record = record_of(bench.decode_body(write()))
    event = record.received(APPENDED_AT)

    assert event[:-1] == record
    assert event._fields[:-1] == Record._fields
    assert event.received_at == APPENDED_AT


@unhurried
@given(
    event_id=st.uuids().map(str),
    transaction_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), **one_to_64),
    account_id=st.text(st.characters(codec="utf-8", exclude_characters="\0"), **one_to_64),
    units=st.integers(0, 10**19 - 1),
    currency=st.from_regex(r"\A[A-Z]{3}\Z"),
    status=st.sampled_from(["PENDING", "SUCCESS", "FAILED", "REVERSED"]),
    occurred_at=st.datetimes(datetime(2000, 1, 1), datetime(2026, 11, 26), timezones=st.just(UTC)),
    channel=st.none() | st.from_regex(r"\A[A-Z0-9_]{1,16}\Z"),
    reference=st.none() | st.text(st.characters(min_codepoint=1, codec="utf-8"), **one_to_64),
)
def test_any_event_is_decoded_as_it_was_encoded(
    bench: Bench, units: int, occurred_at: datetime, **texts: Any
) -> None:
    length = units.bit_length() // 8 + 1
    body = write(amount=units.to_bytes(length, "big"), occurred_at=micros(occurred_at), **texts)

    record = record_of(bench.decode_body(body))

    assert {name: getattr(record, name) for name in texts} == texts
    assert record.occurred_at == occurred_at
    assert record.amount.as_tuple() == Decimal(units).scaleb(-4).as_tuple()
    assert record.amount.as_tuple().exponent == -4


@unhurried
@given(st.none() | st.binary(max_size=200) | damaged(st.just(write())).map(framed))
def test_any_bytes_are_a_record_or_unreadable(bench: Bench, value: bytes | None) -> None:
    decoded = bench.decode(value)

    assert isinstance(decoded, Record) or decoded.value == value


@unhurried
@given(damaged(st.just(write())))
def test_damage_behind_the_header_is_never_its_fault(bench: Bench, body: bytes) -> None:
    decoded = bench.decode_body(body)

    assert isinstance(decoded, Record) or decoded.reason not in (
        Reason.NOT_CONFLUENT_FRAMED,
        Reason.UNKNOWN_SCHEMA,
    )


@pytest.mark.parametrize("value", [None, b"", b"\0\0\0\1", b"\1\0\0\0\1" + write(), b"{}"])
def test_a_value_without_a_header_is_not_framed(bench: Bench, value: bytes | None) -> None:
    assert reason_of(bench.decode(value)) == Reason.NOT_CONFLUENT_FRAMED


def test_null_and_empty_stay_apart(bench: Bench) -> None:
    null = bench.decode(None, key=None, headers=[("a", None)])
    empty = bench.decode(b"", key=b"", headers=[("a", b"")])

    assert isinstance(null, Unreadable)
    assert isinstance(empty, Unreadable)
    assert (null.value, null.key, null.headers) == (None, None, [[b"a", None]])
    assert (empty.value, empty.key, empty.headers) == (b"", b"", [[b"a", b""]])


def test_a_dead_letter_keeps_where_when_and_what(bench: Bench) -> None:
    headers = [("traceparent", b"\xff"), ("traceparent", None), ("ü", b"")]

    assert bench.decode(b"junk", headers=headers) == Unreadable(
        topic=bench.topic,
        partition=3,
        offset=1_000,
        key=b"TXN-000000000042",
        value=b"junk",
        headers=[[b"traceparent", b"\xff"], [b"traceparent", None], ["ü".encode(), b""]],
        reason=Reason.NOT_CONFLUENT_FRAMED,
        detail="the value must begin with a zero byte and a schema id of four bytes",
        kafka_timestamp=APPENDED_AT,
    )


def test_no_headers_are_none(bench: Bench) -> None:
    decoded = bench.decode(b"junk")

    assert isinstance(decoded, Unreadable)
    assert decoded.headers is None


def test_headers_whose_names_are_not_utf8_are_lost_and_it_is_said(bench: Bench) -> None:
    class BadlyNamed(Message):
        """As the client is with such a record; it offers no way to publish one."""

        def headers(self) -> Any:
            return b"\xff".decode()

    decoded = bench.decoder.decode(BadlyNamed(topic=bench.topic, value=b"junk"))

    assert isinstance(decoded, Unreadable)
    assert decoded.headers is None
    assert decoded.detail.endswith("its headers are lost, for the name of one is not UTF-8")


def test_an_id_that_the_subject_does_not_have_is_unknown(bench: Bench) -> None:
    decoded = bench.decode(framed(write(), schema_id=2**32 - 1))

    assert reason_of(decoded) == Reason.UNKNOWN_SCHEMA


def test_a_schema_that_is_registered_later_is_known_from_the_next_batch(bench: Bench) -> None:
    schema = with_field(["null", "long"], name="later")
    schema["fields"][-1]["default"] = None
    with topic_of_its_own() as elsewhere:
        schema_id = register(elsewhere, schema)
        value = framed(write(schema, later=7), schema_id=schema_id)
        assert reason_of(bench.decode(value)) == Reason.UNKNOWN_SCHEMA

        register(bench.topic, schema)
        assert reason_of(bench.decode(value)) == Reason.UNKNOWN_SCHEMA
        bench.decoder.begin_batch()
        assert isinstance(bench.decode(value), Record)


def test_a_body_that_ends_early_is_undecodable(bench: Bench) -> None:
    for length in range(len(write())):
        assert reason_of(bench.decode_body(write()[:length])) == Reason.UNDECODABLE


@pytest.mark.parametrize("name", ["event_id", "account_id", "channel", "reference"])
def test_bad_utf8_is_undecodable(bench: Bench, name: str) -> None:
    body = write().replace(FIELDS[name].encode()[:2], b"\xff\xfe")

    assert reason_of(bench.decode_body(body)) == Reason.UNDECODABLE


def test_bytes_behind_the_data_are_too_many(bench: Bench) -> None:
    assert reason_of(bench.decode_body(write() + b"\0")) == Reason.TRAILING_BYTES


@pytest.mark.parametrize("source", ["GATEWAY", "MOBILE", "UNKNOWN"])
def test_a_topic_has_one_source(bench: Bench, source: str) -> None:
    assert reason_of(bench.decode_body(write(source=source))) == Reason.WRONG_SOURCE


def test_of_several_reasons_the_first_is_told(bench: Bench) -> None:
    invalid = write(currency="inr")
    alien = write(currency="inr", source="MOBILE")
    longer = alien + b"\0"
    broken = longer[:10]

    assert reason_of(bench.decode_body(invalid)) == Reason.INVALID_FIELD
    assert reason_of(bench.decode_body(alien)) == Reason.WRONG_SOURCE
    assert reason_of(bench.decode_body(longer)) == Reason.TRAILING_BYTES
    assert reason_of(bench.decode_body(broken)) == Reason.UNDECODABLE
    assert reason_of(bench.decode(framed(broken, schema_id=0))) == Reason.UNKNOWN_SCHEMA
    assert reason_of(bench.decode(b"\1" + broken)) == Reason.NOT_CONFLUENT_FRAMED


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("event_id", FIELDS["event_id"].upper(), "UUID of 36 characters in lower case"),
        ("event_id", FIELDS["event_id"].replace("-", ""), "UUID of 36 characters in lower case"),
        ("event_id", FIELDS["event_id"] + "\n", "UUID of 36 characters in lower case"),
        ("event_id", "{" + FIELDS["event_id"] + "}", "UUID of 36 characters in lower case"),
        ("transaction_id", "", "1 to 64 printable ASCII"),
        ("transaction_id", "t" * 65, "1 to 64 printable ASCII"),
        ("transaction_id", "TXN 42", "1 to 64 printable ASCII"),
        ("transaction_id", "TXN-42\n", "1 to 64 printable ASCII"),
        ("transaction_id", "TXN-4\uff12", "1 to 64 printable ASCII"),
        ("transaction_id", "TXN\x7f", "1 to 64 printable ASCII"),
        ("account_id", "", "1 to 64 characters without U+0000"),
        ("account_id", "ü" * 65, "1 to 64 characters without U+0000"),
        ("account_id", "ACC\0", "1 to 64 characters without U+0000"),
        ("amount", b"", "at least one byte"),
        ("amount", b"\xff", "must not be negative and must fit"),
        ("amount", (10**19).to_bytes(9, "big"), "must not be negative and must fit"),
        ("amount", b"\x7f" * 50_000, "must not be negative and must fit"),
        ("currency", "inr", "three letters A-Z"),
        ("currency", "INRX", "three letters A-Z"),
        ("currency", "INR\n", "three letters A-Z"),
        ("currency", "ÀÉÎ", "three letters A-Z"),
        ("status", "UNKNOWN", "one that is known here"),
        ("occurred_at", micros(datetime(2000, 1, 1, tzinfo=UTC)) - 1, "before 2000-01-01"),
        ("occurred_at", -(2**63), "before 2000-01-01"),
        ("occurred_at", micros(APPENDED_AT + DAY) + 1, "at most one day ahead of the Kafka"),
        ("occurred_at", 2**63 - 1, "at most one day ahead of the Kafka"),
        ("channel", "", "1 to 16 characters A-Z, 0-9 and _"),
        ("channel", "C" * 17, "1 to 16 characters A-Z, 0-9 and _"),
        ("channel", "upi", "1 to 16 characters A-Z, 0-9 and _"),
        ("channel", "UPI\n", "1 to 16 characters A-Z, 0-9 and _"),
        ("reference", "", "1 to 64 characters without U+0000"),
        ("reference", "r" * 65, "1 to 64 characters without U+0000"),
        ("reference", "\0", "1 to 64 characters without U+0000"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_with_it(
    bench: Bench, name: str, value: Any, sentence: str
) -> None:
    decoded = bench.decode_body(write(**{name: value}))

    assert reason_of(decoded) == Reason.INVALID_FIELD
    assert isinstance(decoded, Unreadable)
    assert decoded.detail.startswith(f"{name} must ")
    assert sentence in decoded.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transaction_id", "!" * 64),
        ("account_id", "ü" * 64),
        ("account_id", " \n"),
        ("channel", None),
        ("channel", "ATM_2"),
        ("reference", None),
        ("reference", "\U0001f4b8" * 64),
    ],
)
def test_texts_are_kept_as_they_are(bench: Bench, name: str, value: str | None) -> None:
    assert getattr(record_of(bench.decode_body(write(**{name: value}))), name) == value


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (b"\0", "0.0000"),
        (b"\1", "0.0001"),
        (b"\0" * 100 + b"\1", "0.0001"),
        ((10**19 - 1).to_bytes(9, "big"), "999999999999999.9999"),
    ],
)
def test_an_amount_has_four_decimals(bench: Bench, written: bytes, amount: str) -> None:
    assert str(record_of(bench.decode_body(write(amount=written))).amount) == amount


@pytest.mark.parametrize(
    ("scale", "units", "amount"),
    [
        (0, 12, "12.0000"),
        (2, 1234, "12.3400"),
        (2, 10**17 - 1, "999999999999999.9900"),
        (6, 12_345_600, "12.3456"),
        (38, 10**38, "1.0000"),
    ],
)
def test_an_amount_of_another_scale_comes_out_right(
    bench: Bench, scale: int, units: int, amount: str
) -> None:
    decoded = bench.decode_written_by(scaled(scale), amount=units.to_bytes(20, "big"))

    assert str(record_of(decoded).amount) == amount


@pytest.mark.parametrize(
    ("scale", "units", "sentence"),
    [
        (0, 10**15, "amount must not be negative and must fit decimal(19, 4)"),
        (2, 10**17, "amount must not be negative and must fit decimal(19, 4)"),
        (6, 12_345_678, "amount must have no more than four decimals"),
        (38, 1, "amount must have no more than four decimals"),
    ],
)
def test_an_amount_of_another_scale_that_does_not_fit_is_invalid(
    bench: Bench, scale: int, units: int, sentence: str
) -> None:
    decoded = bench.decode_written_by(scaled(scale), amount=units.to_bytes(20, "big"))

    assert isinstance(decoded, Unreadable)
    assert (decoded.reason, decoded.detail) == (Reason.INVALID_FIELD, sentence)


def test_a_time_in_milliseconds_comes_out_right(bench: Bench) -> None:
    schema = with_type("occurred_at", {"type": "long", "logicalType": "timestamp-millis"})

    decoded = bench.decode_written_by(schema, occurred_at=1_795_599_000_123)

    assert record_of(decoded).occurred_at == datetime(2026, 11, 25, 9, 30, 0, 123000, tzinfo=UTC)


def test_an_added_field_changes_nothing(bench: Bench) -> None:
    schema = with_field(["null", {"type": "array", "items": "string"}])
    schema["fields"][-1]["default"] = None

    assert bench.decode_written_by(schema, added=["x"]) == bench.decode_body(write())


def test_a_field_may_be_left_out_that_has_a_default(bench: Bench) -> None:
    schema = our_schema()
    del schema["fields"][9]

    assert record_of(bench.decode_written_by(schema)).reference is None


def test_an_added_status_is_not_one_that_is_known_here(bench: Bench) -> None:
    symbols = ["PENDING", "SUCCESS", "FAILED", "REVERSED", "UNKNOWN", "SETTLED"]
    schema = with_type(
        "status", {"type": "enum", "name": "Status", "symbols": symbols, "default": "UNKNOWN"}
    )

    assert record_of(bench.decode_written_by(schema)).status == "SUCCESS"
    decoded = bench.decode_written_by(schema, status="SETTLED")
    assert reason_of(decoded) == Reason.INVALID_FIELD


def test_a_record_that_claims_millions_of_items_is_undecodable(bench: Bench) -> None:
    schema = with_field({"type": "array", "items": "null"}, name="claims")
    schema_id = register(bench.topic, schema | {"fields": schema["fields"]})
    bench.decoder.begin_batch()

    decoded = bench.decode(framed(write() + b"\x80\xb4\x89\x13\0", schema_id=schema_id))

    assert reason_of(decoded) == Reason.UNDECODABLE


def test_a_sentence_is_short_and_plain_whatever_the_schema_is_called(bench: Bench) -> None:
    schema_id = register(bench.topic, with_field("long", at=0, name="Ünï" * 300))
    bench.decoder.begin_batch()

    decoded = bench.decode(framed(b"\xff" * 20, schema_id=schema_id))

    assert isinstance(decoded, Unreadable)
    assert decoded.detail.startswith(r"\xdcn\xef")
    assert len(decoded.detail) == 500


def test_the_first_and_the_last_time_are_inclusive(bench: Bench) -> None:
    first = datetime(2000, 1, 1, tzinfo=UTC)
    last = APPENDED_AT + DAY

    for at in (first, last):
        body = write(occurred_at=micros(at))
        assert record_of(bench.decode_body(body)).occurred_at == at


@pytest.mark.parametrize(
    "timestamp",
    [
        (TIMESTAMP_NOT_AVAILABLE, 0),
        (TIMESTAMP_CREATE_TIME, -1),
        (TIMESTAMP_CREATE_TIME, -5),
        # Microseconds where milliseconds belong: the year 58869.
        (TIMESTAMP_CREATE_TIME, 1_795_599_000_000_000),
    ],
)
def test_a_kafka_timestamp_that_tells_no_time_is_none(
    bench: Bench, timestamp: tuple[int, int]
) -> None:
    decoded = bench.decode_body(write(), timestamp=timestamp)

    assert record_of(decoded).kafka_timestamp is None
    dead = bench.decode(b"junk", timestamp=timestamp)
    assert dead.kafka_timestamp is None


def test_without_a_kafka_timestamp_the_receipt_is_the_measure(bench: Bench) -> None:
    body = write(occurred_at=micros(APPENDED_AT))
    record = record_of(bench.decode_body(body, timestamp=UNDATED))

    assert too_far_ahead(record, APPENDED_AT - DAY) is None
    dead = too_far_ahead(record, APPENDED_AT - DAY - MICROSECOND)
    assert dead is not None
    assert dead.reason == Reason.INVALID_FIELD
    assert (dead.value, dead.key) == (framed(body, schema_id=bench.schema_id), b"TXN-000000000042")
    assert record.received(APPENDED_AT)[:-1] == record


def test_with_a_kafka_timestamp_the_receipt_does_not_matter(bench: Bench) -> None:
    record = record_of(bench.decode_body(write()))

    assert not isinstance(record, Undated)
    assert too_far_ahead(record, datetime(2001, 1, 1, tzinfo=UTC)) is None


def test_a_time_that_no_datetime_holds_is_invalid_without_a_kafka_timestamp(bench: Bench) -> None:
    decoded = bench.decode_body(write(occurred_at=2**63 - 1), timestamp=UNDATED)

    assert reason_of(decoded) == Reason.INVALID_FIELD


def test_the_last_second_of_datetime_has_no_day_after(bench: Bench) -> None:
    last = (TIMESTAMP_CREATE_TIME, 253_402_300_799_999)
    end = micros(datetime.max.replace(tzinfo=UTC))

    assert bench.decode_body(write(occurred_at=end), timestamp=last).kafka_timestamp is not None
    decoded = bench.decode_body(write(occurred_at=end + 1), timestamp=last)
    assert reason_of(decoded) == Reason.INVALID_FIELD


def test_a_registry_that_is_down_is_a_fault_and_not_a_dead_letter(
    settings: Any, unused_port: int
) -> None:
    settings.SCHEMA_REGISTRY_URL = f"http://127.0.0.1:{unused_port}/apis/ccompat/v7"
    with connect() as client:
        decoder = Decoder(topics={"core_txns": "CORE"}, schemas=WriterSchemas(client))

        with pytest.raises(RegistryUnavailable):
            decoder.decode(message(framed(write())))
        assert reason_of(decoder.decode(message(b"junk"))) == Reason.NOT_CONFLUENT_FRAMED
