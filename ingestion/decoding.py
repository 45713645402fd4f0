"""A Kafka record becomes the event that it tells, or a dead letter with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message
from django.db.models import TextChoices

from ingestion.avro import Undecodable
from ingestion.writer_schema import UnknownSchema, WriterSchema
from reconciliation.events import Event

if TYPE_CHECKING:
    # The registry's client takes a third of a second to import, and the models import us.
    from ingestion.schema_registry import WriterSchemas


DETAIL_LENGTH = 500


class Reason(TextChoices):
    """Why a record can never become an event; of several the first is told."""

    NOT_CONFLUENT_FRAMED = "not_confluent_framed"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNDECODABLE = "undecodable"
    TRAILING_BYTES = "trailing_bytes"
    WRONG_SOURCE = "wrong_source"
    INVALID_FIELD = "invalid_field"


class Unreadable(NamedTuple):
    """A record that can never become an event, with its bytes.

    Null and empty stay apart in `key`, `value` and `headers`, which are pairs
    of name and value. `detail` is a sentence of at most DETAIL_LENGTH ASCII
    characters; it holds no value of the record.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[list[bytes | None]] | None
    reason: Reason
    detail: str
    kafka_timestamp: datetime | None


class Record(NamedTuple):
    """A readable record: an `Event`, but for the time at which it is stored."""

    topic: str
    partition: int
    offset: int
    event_id: str
    transaction_id: str
    source: str
    account_id: str
    amount: Decimal
    currency: str
    status: str
    occurred_at: datetime
    channel: str | None
    reference: str | None
    kafka_timestamp: datetime | None

    def received(self, at: datetime) -> Event:
        return Event(*self, at)


class Undated(Record):
    """A record without a Kafka timestamp, and the dead letter that it is if `too_far_ahead`."""

    otherwise: Unreadable


def too_far_ahead(record: Record, received_at: datetime) -> Unreadable | None:
    """The dead letter that `record` is if it tells of more than a day after `received_at`.

    Only a record without a Kafka timestamp can be one: the others were measured by theirs.
    """
    if isinstance(record, Undated) and record.occurred_at > received_at + _DAY:
        return record.otherwise
    return None


class Decoder:
    """Decodes the records of `topics`, which maps a topic to its source; for one thread."""

    def __init__(self, *, topics: Mapping[str, str], schemas: WriterSchemas) -> None:
        self._topics = topics
        self._schemas = schemas
        self._writers: dict[tuple[str, bytes], WriterSchema] = {}

    def begin_batch(self) -> None:
        """Look again for schemas that were unknown; to be called when a batch has been polled."""
        self._schemas.forget_unknown()

    def decode(self, message: Message) -> Record | Unreadable:
        """The record that `message` is, or the dead letter; `message` is one without error.

        Raises RegistryUnavailable, and nothing else whatever the bytes are.
        """
        # Only an error lacks a topic, a partition or an offset.
        topic, value = message.topic() or "", message.value() or b""
        kafka_timestamp, latest = _kafka_time(*message.timestamp())
        try:
            writer = self._writers.get((topic, value[:_HEADER])) or self._find(topic, value)
            fields, end = writer.read(value, _HEADER)
            if end != len(value):
                raise _Broken(Reason.TRAILING_BYTES, f"{len(value) - end} bytes follow the data")
            (event_id, transaction_id, source, account_id, amount,
             currency, status, occurred_at, channel, reference) = fields  # fmt: skip
            if source != self._topics[topic]:
                raise _Broken(Reason.WRONG_SOURCE, f"source must be {self._topics[topic]} here")
            _check_texts(event_id, transaction_id, account_id, currency, status, channel, reference)
            record = Record(
                topic,
                message.partition() or 0,
                message.offset() or 0,
                event_id,
                transaction_id,
                source,
                account_id,
                _amount(amount, writer.scale),
                currency,
                status,
                _occurred_at(occurred_at * writer.micros, latest),
                channel,
                reference,
                kafka_timestamp,
            )
        except _Broken as broken:
            return _unreadable(message, broken.reason, broken.detail, kafka_timestamp)
        except Undecodable as error:
            return _unreadable(message, Reason.UNDECODABLE, str(error), kafka_timestamp)
        return record if kafka_timestamp is not None else _undated(record, message)

    def _find(self, topic: str, value: bytes) -> WriterSchema:
        """The schema that the header of `value` names, from now on known by that header."""
        header = value[:_HEADER]
        if len(header) < _HEADER or header[0] != 0:
            raise _Broken(
                Reason.NOT_CONFLUENT_FRAMED,
                "the value must begin with a zero byte and a schema id of four bytes",
            )
        try:
            writer = self._schemas.find(topic, int.from_bytes(header[1:], "big"))
        except UnknownSchema as unknown:
            raise _Broken(Reason.UNKNOWN_SCHEMA, str(unknown)) from unknown
        self._writers[topic, header] = writer
        return writer


_HEADER = 5
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY_OF_MICROS = _DAY // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_EARLIEST = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_SCALE = 4
_UNIT = Decimal(1).scaleb(-_SCALE)
_MOST_UNITS = 10**19 - 1

_is_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_is_transaction_id = re.compile(r"[!-~]{1,64}").fullmatch
_is_currency = re.compile(r"[A-Z]{3}").fullmatch
_is_channel = re.compile(r"[A-Z0-9_]{1,16}").fullmatch


class _Broken(Exception):
    """The first rule that a record breaks."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def _invalid(detail: str) -> _Broken:
    return _Broken(Reason.INVALID_FIELD, detail)


def _check_texts(
    event_id: str,
    transaction_id: str,
    account_id: str,
    currency: str,
    status: str,
    channel: str | None,
    reference: str | None,
) -> None:
    if not _is_uuid(event_id):
        raise _invalid("event_id must be a UUID of 36 characters in lower case")
    if not _is_transaction_id(transaction_id):
        raise _invalid("transaction_id must be 1 to 64 printable ASCII characters without spaces")
    if not 1 <= len(account_id) <= 64 or "\0" in account_id:
        raise _invalid("account_id must be 1 to 64 characters without U+0000")
    if not _is_currency(currency):
        raise _invalid("currency must be three letters A-Z")
    if status == "UNKNOWN":
        raise _invalid("status must be one that is known here")
    if channel is not None and not _is_channel(channel):
        raise _invalid("channel must be 1 to 16 characters A-Z, 0-9 and _")
    if reference is not None and (not 1 <= len(reference) <= 64 or "\0" in reference):
        raise _invalid("reference must be 1 to 64 characters without U+0000")


def _amount(written: bytes, scale: int) -> Decimal:
    """The amount, to exactly four decimals, that a writer wrote in units of 10^-`scale`."""
    if not written:
        raise _invalid("amount must have at least one byte")
    units = int.from_bytes(written, "big", signed=True)
    if scale < _SCALE:
        units *= 10 ** (_SCALE - scale)
    elif scale > _SCALE:
        units, rest = divmod(units, 10 ** (scale - _SCALE))
        if rest:
            raise _invalid("amount must have no more than four decimals")
    if not 0 <= units <= _MOST_UNITS:
        raise _invalid("amount must not be negative and must fit decimal(19, 4)")
    return units * _UNIT


def _occurred_at(micros: int, latest: int) -> datetime:
    if micros < _EARLIEST:
        raise _invalid("occurred_at must not be before 2000-01-01")
    if micros > latest:
        raise _invalid(_TOO_FAR_AHEAD)
    return _EPOCH + micros * _MICROSECOND


_TOO_FAR_AHEAD = (
    "occurred_at must be at most one day ahead of the Kafka timestamp, "
    "or of the receipt where there is none"
)


@lru_cache
def _kafka_time(kind: int, millis: int) -> tuple[datetime | None, int]:
    """A record's Kafka timestamp, and the last microsecond at which it may have occurred.

    A timestamp that no datetime holds counts as none. Records that the broker appended together
    share a timestamp, so most calls find theirs in the cache.
    """
    micros = millis * 1000
    if kind == TIMESTAMP_NOT_AVAILABLE or not 0 <= micros <= _LAST:
        return None, _LAST
    return _EPOCH + micros * _MICROSECOND, min(micros + _DAY_OF_MICROS, _LAST)


def _undated(record: Record, message: Message) -> Undated:
    undated = Undated(*record)
    undated.otherwise = _unreadable(message, Reason.INVALID_FIELD, _TOO_FAR_AHEAD, None)
    return undated


def _unreadable(
    message: Message, reason: Reason, detail: str, kafka_timestamp: datetime | None
) -> Unreadable:
    headers: Any
    try:
        headers = message.headers()
    except UnicodeDecodeError:
        # Asked again, the client gives a name that ends the process once it is touched.
        headers = None
        detail += "; its headers are lost, for the name of one is not UTF-8"
    return Unreadable(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        message.key(),
        message.value(),
        headers and [[name.encode(), value] for name, value in headers],
        reason,
        # Sentences may quote a schema of somebody else's, of any length and with any character.
        detail.encode("unicode_escape").decode()[:DETAIL_LENGTH],
        kafka_timestamp,
    )
