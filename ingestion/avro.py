"""Walking Avro data strictly, whatever its schema.

fastavro reads well-formed data; of the rest it takes a negative enum or union
index for one counted from the end, follows an array of twenty million nulls,
and overflows the C stack on deep nesting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MAX_ITEMS = 100_000


class Undecodable(Exception):
    """The bytes are not what the writer schema says, or do not resolve to ours: a sentence."""


_WIDTHS = {"null": 0, "float": 4, "double": 8}


def skip(schema: Any, named: Mapping[str, Any], value: bytes, at: int) -> int:
    """The end of the datum of `schema` that begins at `at`; `named` holds the named types.

    Raises Undecodable, and RecursionError for what is nested too deeply.
    """
    kind = schema if isinstance(schema, str) else "union"
    if isinstance(schema, dict):
        kind = schema["type"]
    match kind:
        case "null" | "float" | "double":
            return _within(value, at + _WIDTHS[kind])
        case "fixed":
            return _within(value, at + schema["size"])
        case "int" | "long":
            return _read_long(value, at)[1]
        case "bytes" | "string":
            return _skip_bytes(value, at, utf8=kind == "string")
        case "boolean":
            return _within(value, at + 1)
        case "enum":
            return _read_index(value, at, len(schema["symbols"]))[1]
        case "union":
            branch, at = _read_index(value, at, len(schema))
            return skip(schema[branch], named, value, at)
        case "array":
            return _skip_items((schema["items"],), named, value, at)
        case "map":
            return _skip_items(("string", schema["values"]), named, value, at)
        case "record" | "error":
            for field in schema["fields"]:
                at = skip(field["type"], named, value, at)
            return at
    return skip(named[kind], named, value, at)


def _within(value: bytes, end: int) -> int:
    if end > len(value):
        raise Undecodable("the bytes end early")
    return end


def _read_long(value: bytes, at: int) -> tuple[int, int]:
    """The int or long at `at`, of at most ten bytes and 64 bits, and its end."""
    encoded = 0
    for shift in range(0, 70, 7):
        byte = value[_within(value, at + 1) - 1]
        at += 1
        encoded |= (byte & 0x7F) << shift
        if byte < 0x80:
            if encoded >> 64:
                break
            return (encoded >> 1) ^ -(encoded & 1), at
    raise Undecodable("a number is longer than 64 bits")


def _read_index(value: bytes, at: int, count: int) -> tuple[int, int]:
    index, at = _read_long(value, at)
    if not 0 <= index < count:
        raise Undecodable("an enum or union has no such symbol or branch")
    return index, at


def _skip_bytes(value: bytes, at: int, *, utf8: bool) -> int:
    length, at = _read_long(value, at)
    if length < 0:
        raise Undecodable("a length is negative")
    end = _within(value, at + length)
    if utf8:
        try:
            value[at:end].decode()
        except UnicodeDecodeError as error:
            raise Undecodable("the text is not UTF-8") from error
    return end


def _skip_items(parts: Sequence[Any], named: Mapping[str, Any], value: bytes, at: int) -> int:
    """Skip an array or map: blocks of items, each item made of `parts`."""
    items = 0
    while True:
        count, at = _read_long(value, at)
        if count == 0:
            return at
        if count < 0:
            count = -count
            _, at = _read_long(value, at)  # the block's size in bytes; its items say the same
        items += count
        if items > MAX_ITEMS:
            raise Undecodable(f"an array or map has more than {MAX_ITEMS:,} items")
        for _ in range(count):
            start = at
            for part in parts:
                at = skip(part, named, value, at)
            if at == start:
                break  # items of no bytes, of which a few bytes can claim any number
