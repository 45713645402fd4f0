"""A dead letter's bytes taken apart as far as they can be read, to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

import fastavro

from ingestion.avro import Undecodable, skip
from ingestion.schema_registry import RegistryUnavailable, WriterSchemas
from ingestion.writer_schema import UnknownSchema, WriterSchema

HEADER = 5
LINE = 16
BYTES_SHOWN = 4096
CHARACTERS_SHOWN = 200
# Of a longer number the digits take minutes to work out, and nobody reads them.
LONGEST_AMOUNT = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What fastavro raises for bytes that are no text, and for a type that it does not find.
_NOT_SHOWN = (ValueError, LookupError, fastavro.schema.SchemaParseException, TypeError)


class Piece(NamedTuple):
    """A part of the value: which bytes, and what they say."""

    name: str
    start: int
    end: int
    says: str


def dissect(topic: str, value: bytes | None, schemas: WriterSchemas) -> Iterator[Piece]:
    """The framing, then the fields of the writer's schema up to the one that cannot be read."""
    if value is None:
        yield Piece("value", 0, 0, "null")
        return
    yield Piece("magic byte", 0, min(1, len(value)), f"{value[0]}" if value else "missing")
    if len(value) < HEADER or value[0] != 0:
        return
    schema_id = int.from_bytes(value[1:HEADER], "big")
    yield Piece("schema id", 1, HEADER, str(schema_id))
    try:
        writer = schemas.find(topic, schema_id)
    except (UnknownSchema, RegistryUnavailable) as error:
        yield Piece("data", HEADER, len(value), str(error))
        return
    yield from _fields(writer, value)


def _fields(writer: WriterSchema, value: bytes) -> Iterator[Piece]:
    at = HEADER
    for field in writer.fields:
        try:
            end = skip(field["type"], writer.named, value, at)
        except (Undecodable, RecursionError) as error:
            yield Piece(field["name"], at, len(value), f"cannot be read: {error}")
            return
        yield Piece(field["name"], at, end, _told(writer, field, value[at:end]))
        at = end
    if at < len(value):
        yield Piece("trailing bytes", at, len(value), f"{len(value) - at} follow the data")


def _told(writer: WriterSchema, field: dict[str, Any], piece: bytes) -> str:
    kind = field["type"]
    if isinstance(kind, str):
        kind = writer.named.get(kind, kind)
    try:
        told: Any = fastavro.schemaless_reader(BytesIO(piece), kind, None)
    except _NOT_SHOWN as error:
        return f"cannot be shown: {error}"
    if field["name"] == "amount" and isinstance(told, bytes):
        return _amount(told, writer.scale)
    if field["name"] == "occurred_at" and isinstance(told, int) and writer.micros:
        return _moment(told * writer.micros)
    return "null" if told is None else _cut(repr(told))


def _amount(told: bytes, scale: int) -> str:
    if len(told) > LONGEST_AMOUNT:
        return f"a number of {len(told)} bytes, too long to be shown"
    # From text, for Decimal's arithmetic would round to 28 digits.
    units = int.from_bytes(told, "big", signed=True)
    return f"{Decimal(f'{units}E-{scale}'):f}"


def _cut(text: str) -> str:
    more = len(text) - CHARACTERS_SHOWN
    return text if more <= 0 else f"{text[:CHARACTERS_SHOWN]} and {more} more characters"


def _moment(micros: int) -> str:
    try:
        return f"{_EPOCH + timedelta(microseconds=micros):%Y-%m-%d %H:%M:%S.%f} UTC"
    except OverflowError:
        return f"{micros} microseconds, beyond every calendar"


def hex_dump(data: bytes) -> str:
    """Offset, hex and ASCII, 16 bytes a line; of the first 4096 bytes."""
    lines = [
        f"{at:08x}  {_hex(data[at : at + LINE]):<49} |{_ascii(data[at : at + LINE])}|"
        for at in range(0, min(len(data), BYTES_SHOWN), LINE)
    ]
    if len(data) > BYTES_SHOWN:
        lines.append(f"{len(data) - BYTES_SHOWN} more bytes are kept, but not shown.")
    return "\n".join(lines)


def _hex(line: bytes) -> str:
    half = LINE // 2
    return f"{line[:half].hex(' ')}  {line[half:].hex(' ')}"


def _ascii(line: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in line)
