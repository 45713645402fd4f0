from __future__ import annotations

from io import BytesIO
from typing import Any

import fastavro
import pytest

from ingestion.avro import MAX_ITEMS, Undecodable, skip

NODE = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}
COLOUR = {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}
ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [{"name": "label", "type": "string"}, {"name": "weight", "type": "double"}],
}


def end_of(schema: Any, body: bytes) -> int:
    named: dict[str, Any] = {}
    return skip(fastavro.parse_schema(schema, named), named, body, 0)


@pytest.mark.parametrize(
    ("schema", "datum"),
    [
        ("null", None),
        ("boolean", True),
        ("int", -70_000),
        ("long", 2**63 - 1),
        ("long", -(2**63)),
        ("float", 1.5),
        ("double", float("nan")),
        ("bytes", b"\xff" * 100),
        ("string", "Ünïcödé"),
        ({"type": "fixed", "name": "Hash", "size": 3}, b"abc"),
        (COLOUR, "BLUE"),
        (["null", "string"], "there"),
        ({"type": "array", "items": "long"}, [1, 2, 3]),
        ({"type": "array", "items": "null"}, [None] * MAX_ITEMS),
        ({"type": "map", "values": ITEM}, {"a": {"label": "x", "weight": 2.0}}),
        (NODE, {"next": {"next": {"next": None}}}),
    ],
)
def test_the_end_is_where_the_writer_stopped(schema: Any, datum: Any) -> None:
    body = BytesIO()
    fastavro.schemaless_writer(body, schema, datum)

    assert end_of(schema, body.getvalue() + b"rest") == len(body.getvalue())


def test_a_block_of_items_may_tell_its_size() -> None:
    assert end_of({"type": "array", "items": "long"}, b"\x03\x04\x02\x04\x00") == 5


@pytest.mark.parametrize(
    ("schema", "body", "sentence"),
    [
        ("long", b"", "the bytes end early"),
        ("long", b"\x80\x80", "the bytes end early"),
        ("boolean", b"", "the bytes end early"),
        ("double", b"1234567", "the bytes end early"),
        ("string", b"\x08abc", "the bytes end early"),
        ("bytes", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", "the bytes end early"),
        ("long", b"\xff" * 9 + b"\x03", "a number is longer than 64 bits"),
        ("long", b"\x80" * 10 + b"\x00", "a number is longer than 64 bits"),
        ("string", b"\x01", "a length is negative"),
        ("string", b"\x04\xff\xfe", "the text is not UTF-8"),
        ("string", b"\x06\xed\xa0\x80", "the text is not UTF-8"),
        ({"type": "map", "values": "null"}, b"\x02\x02\xff\x00", "the text is not UTF-8"),
        (COLOUR, b"\x01", "an enum or union has no such symbol or branch"),
        (COLOUR, b"\x04", "an enum or union has no such symbol or branch"),
        (["null", "string"], b"\x01", "an enum or union has no such symbol or branch"),
        (["null", "string"], b"\x04", "an enum or union has no such symbol or branch"),
    ],
)
def test_what_breaks_the_rules_is_undecodable(schema: Any, body: bytes, sentence: str) -> None:
    with pytest.raises(Undecodable, match=sentence):
        end_of(schema, body)


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        # A block that claims 20,000,000 items, in four bytes.
        ({"type": "array", "items": "null"}, b"\x80\xb4\x89\x13\x00"),
        # The same, by a negative count and a size.
        ({"type": "array", "items": "null"}, b"\xff\xb3\x89\x13\x00\x00"),
        # Two blocks, of 100,000 and of 1.
        ({"type": "array", "items": "null"}, b"\xc0\x9a\x0c\x02\x00"),
        ({"type": "map", "values": "null"}, b"\x80\xb4\x89\x13\x00"),
    ],
)
def test_too_many_items_are_undecodable(schema: Any, body: bytes) -> None:
    with pytest.raises(Undecodable, match="more than 100,000 items"):
        end_of(schema, body)


def test_items_of_no_bytes_are_not_counted_out() -> None:
    hundred_thousand_nulls = b"\xc0\x9a\x0c\x00"
    nested = b"\xc0\x9a\x0c" + hundred_thousand_nulls * 100_000 + b"\x00"
    schema = {"type": "array", "items": {"type": "array", "items": "null"}}

    assert end_of(schema, nested) == len(nested)


def test_deep_nesting_ends_in_python_and_not_in_a_crash() -> None:
    with pytest.raises(RecursionError):
        end_of(NODE, b"\x02" * 1_000_000 + b"\x00")
