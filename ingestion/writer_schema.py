"""How what any writer schema wrote becomes our fields.

`read_usual` takes our own layout straight from the bytes and declines
whatever is unusual. That, and every other layout, is cut into fields by
`skip` and resolved to our schema by fastavro, which sees only fields that we
have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException

from ingestion.avro import Undecodable, skip

SCHEMA_TEXT = (
    Path(__file__).resolve().parent.parent / "schemas" / "transaction_event.avsc"
).read_text(encoding="utf-8")

MAX_SCALE = 38

# event_id, transaction_id, source, account_id, the amount's bytes, currency, status,
# occurred_at as written, channel, reference.
Fields: TypeAlias = tuple[str, str, str, str, bytes, str, str, int, str | None, str | None]


# What fastavro raises for JSON that is no schema.
_PARSE_ERRORS = (
    SchemaParseException,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)


class NotAvro(Exception):
    """The text is no Avro schema; the message says why."""


class UnknownSchema(Exception):
    """No schema to read with has this id under this topic's subject; the message says why."""


def _without(schema: Any, *keys: str) -> Any:
    """`schema`, parsed JSON, without `keys` wherever they stand in it."""
    if isinstance(schema, dict):
        return {name: _without(part, *keys) for name, part in schema.items() if name not in keys}
    if isinstance(schema, list):
        return [_without(part, *keys) for part in schema]
    return schema


_OURS = json.loads(SCHEMA_TEXT)
_NAMES = [field["name"] for field in _OURS["fields"]]
_READER = fastavro.parse_schema(_OURS)


def _layout(schema: Any) -> Any:
    """What must be the same for our fields to come first and lie as in our own schema."""
    beginning = {**schema, "fields": schema["fields"][: len(_NAMES)]}
    return _without(beginning, "doc", "symbols")


def _type_of(schema: Any, name: str) -> Any:
    """The type that `schema` gives its field `name`; None where it has no such field."""
    return next((field["type"] for field in schema["fields"] if field["name"] == name), None)


def _symbols(schema: Any, name: str) -> dict[int, str]:
    """By the byte that stands for it, each symbol of the enum `name`; UNKNOWN if it is not ours."""
    ours = _type_of(_OURS, name)["symbols"]
    return {
        2 * index: symbol if symbol in ours else "UNKNOWN"
        for index, symbol in enumerate(_type_of(schema, name)["symbols"][:64])
    }


class WriterSchema:
    """A schema that producers write with, ready to read.

    `text` is the schema as it is registered, `referenced` are those that it refers to, each
    after the ones that it needs itself. An amount that it wrote counts units of 10^-`scale`,
    an occurred_at units of `micros` microseconds. `fields` are all of its fields, parsed, and
    `named` the types that they name. Raises NotAvro.
    """

    def __init__(self, text: str, referenced: Sequence[str] = ()) -> None:
        self.named: dict[str, Any] = {}
        try:
            for part in referenced:
                self._parse(json.loads(part))
            declared = json.loads(text)
            parsed = self._parse(declared)
        except _PARSE_ERRORS as error:
            raise NotAvro(f"{type(error).__name__}: {error}") from error
        if not isinstance(parsed, dict) or parsed["type"] != "record":
            declared = parsed = {"fields": []}
        declared = {"fields": [], **declared}
        self.fields = parsed["fields"]
        self._ours = {**parsed, "fields": [f for f in self.fields if f["name"] in _NAMES]}
        self._further = self.fields[len(_NAMES) :]
        self._has_our_layout = _layout(declared) == _layout(_OURS)
        if self._has_our_layout:
            self._sources = _symbols(declared, "source")
            self._statuses = _symbols(declared, "status")
        scale, micros = _scale(declared), _micros(declared)
        self._has_units = scale is not None and micros is not None
        self.scale, self.micros = scale or 0, micros or 0

    def _parse(self, declared: Any) -> Any:
        # By its logical types fastavro would round an amount to the writer's precision, take any
        # spelling of a UUID and overflow on a far date; over its defaults it refuses schemas.
        return fastavro.parse_schema(_without(declared, "logicalType", "default"), self.named)

    def read(self, value: bytes, at: int) -> tuple[Fields, int]:
        """Our fields from the body that begins at `at`, and its end. Raises Undecodable."""
        try:
            if self._has_our_layout:
                usual = read_usual(value, at, self._sources, self._statuses)
                if usual is not None:
                    fields, end = usual
                    for field in self._further:
                        end = skip(field["type"], self.named, value, end)
                    return fields, end
            return self._resolve(value, at)
        except RecursionError as error:
            raise Undecodable("the data is nested too deeply") from error

    def _resolve(self, value: bytes, at: int) -> tuple[Fields, int]:
        if not self._has_units:
            raise Undecodable(
                "the writer schema must have a decimal amount and an occurred_at in "
                "timestamp-micros or timestamp-millis"
            )
        ours = []
        for field in self.fields:
            start = at
            try:
                at = skip(field["type"], self.named, value, at)
            except Undecodable as error:
                raise Undecodable(f"{field['name']}: {error}") from None
            if field["name"] in _NAMES:
                ours.append(value[start:at])
        try:
            record: Any = fastavro.schemaless_reader(BytesIO(b"".join(ours)), self._ours, _READER)
        except (SchemaResolutionError, UnicodeDecodeError) as error:
            raise Undecodable(f"the data does not resolve to our schema: {error}") from error
        fields: Any = tuple(record[name] for name in _NAMES)
        return fields, at


# A length, and a union's branch, of one byte to what it stands for: numbers are doubled in Avro.
_LENGTHS = {2 * length: length for length in range(64)}
_IS_THERE = {0: False, 2: True}
_CONTINUATION_BITS = sum(0x80 << 7 * byte for byte in range(7))


def read_usual(
    value: bytes, at: int, sources: Mapping[int, str], statuses: Mapping[int, str]
) -> tuple[Fields, int] | None:
    """Our fields, in our own layout, from the body that begins at `at`; and its end.

    `sources` and `statuses` map the byte that stands for a symbol to it. None for what is
    unusual, right or wrong: a text longer than 63 bytes, a time that does not take eight, a body
    that breaks Avro's rules or ends early.
    """
    try:
        start, end = at + 1, at + 1 + _LENGTHS[value[at]]
        event_id = value[start:end].decode()
        start, end = end + 1, end + 1 + _LENGTHS[value[end]]
        transaction_id = value[start:end].decode()
        source = sources[value[end]]
        start, end = end + 2, end + 2 + _LENGTHS[value[end + 1]]
        account_id = value[start:end].decode()
        start, end = end + 1, end + 1 + _LENGTHS[value[end]]
        amount = value[start:end]
        start, end = end + 1, end + 1 + _LENGTHS[value[end]]
        currency = value[start:end].decode()
        status = statuses[value[end]]
        occurred_at, end = _eight_byte_long(value, end + 1), end + 9
        channel = reference = None
        if _IS_THERE[value[end]]:
            start, end = end + 2, end + 2 + _LENGTHS[value[end + 1]]
            channel = value[start:end].decode()
        else:
            end += 1
        if _IS_THERE[value[end]]:
            start, end = end + 2, end + 2 + _LENGTHS[value[end + 1]]
            reference = value[start:end].decode()
        else:
            end += 1
    except (LookupError, ValueError):
        return None
    fields = (
        event_id, transaction_id, source, account_id, amount,
        currency, status, occurred_at, channel, reference,
    )  # fmt: skip
    return (fields, end) if end <= len(value) else None


def _eight_byte_long(value: bytes, at: int) -> int:
    """A long of exactly eight bytes: microseconds from 1978 to 3111. Raises ValueError."""
    a, b, c, d, e, f, g, h = value[at : at + 8]
    if h > 0x7F or not a & b & c & d & e & f & g & 0x80:
        raise ValueError
    encoded = a + (b << 7) + (c << 14) + (d << 21) + (e << 28) + (f << 35) + (g << 42) + (h << 49)
    encoded -= _CONTINUATION_BITS
    return (encoded >> 1) ^ -(encoded & 1)


_MICROS = {"timestamp-micros": 1, "timestamp-millis": 1000}


def _scale(schema: Any) -> int | None:
    amount = _own_type(schema, "amount")
    scale = amount.get("scale", 0)
    if amount.get("type") != "bytes" or amount.get("logicalType") != "decimal":
        return None
    return scale if type(scale) is int and 0 <= scale <= MAX_SCALE else None


def _micros(schema: Any) -> int | None:
    occurred_at = _own_type(schema, "occurred_at")
    if occurred_at.get("type") != "long":
        return None
    return _MICROS.get(str(occurred_at.get("logicalType")))


def _own_type(schema: Any, name: str) -> dict[str, Any]:
    """The type that a writer gives a field, null aside; empty where it is not one annotated type.

    One, for of a union of several fastavro would promote another to the annotated one.
    """
    declared = _type_of(schema, name)
    types = declared if isinstance(declared, list) else [declared]
    types = [part for part in types if part not in ("null", {"type": "null"})]
    return types[0] if len(types) == 1 and isinstance(types[0], dict) else {}
