from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import fastavro
import fastavro.utils
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.avro import Undecodable
from ingestion.tests.avro_records import (
    FIELDS,
    damaged,
    our_schema,
    with_field,
    with_type,
    write,
)
from ingestion.writer_schema import SCHEMA_TEXT, Fields, NotAvro, WriterSchema

USUAL = WriterSchema(SCHEMA_TEXT)
# The same but for an alias, so that all is read by way of fastavro.
CAREFUL = WriterSchema(json.dumps({**our_schema(), "aliases": ["Event"]}))
unhurried = settings(deadline=None)


def read(schema: Any, body: bytes) -> Fields:
    fields, end = WriterSchema(json.dumps(schema)).read(body, 0)
    assert end == len(body)
    return fields


def outcome(schema: WriterSchema, body: bytes) -> object:
    try:
        return schema.read(body, 0)
    except Undecodable:
        return "undecodable"


texts = st.text(st.characters(codec="utf-8"), max_size=70)
bodies = st.builds(
    write,
    event_id=st.uuids().map(str) | texts,
    transaction_id=texts,
    source=st.sampled_from(["CORE", "GATEWAY", "MOBILE", "UNKNOWN"]),
    account_id=texts,
    amount=st.binary(max_size=70),
    currency=texts,
    status=st.sampled_from(["PENDING", "SUCCESS", "FAILED", "REVERSED", "UNKNOWN"]),
    occurred_at=st.integers(-(2**63), 2**63 - 1) | st.integers(10**15, 2 * 10**15),
    channel=st.none() | texts,
    reference=st.none() | texts,
)


@unhurried
@given(bodies)
def test_what_fastavro_writes_is_read_alike_in_both_ways(body: bytes) -> None:
    assert USUAL.read(body, 0) == CAREFUL.read(body, 0)
    assert USUAL.read(body, 0)[1] == len(body)


@unhurried
@given(st.binary(max_size=200) | damaged(bodies))
def test_both_ways_agree_on_any_bytes(body: bytes) -> None:
    assert outcome(USUAL, body) == outcome(CAREFUL, body)


@pytest.mark.parametrize(
    "changes",
    [
        {"occurred_at": -(2**50)},
        # In eight bytes each of these could be taken for another record of the same length.
        {"occurred_at": 0, "channel": "ABCDE\0", "reference": None},
        {"occurred_at": 2**56, "channel": None, "reference": None},
    ],
)
def test_a_time_is_read_to_its_own_end(changes: dict[str, Any]) -> None:
    assert USUAL.read(write(**changes), 0) == CAREFUL.read(write(**changes), 0)
    assert USUAL.read(write(**changes), 0)[0][7] == changes["occurred_at"]


@unhurried
@given(damaged(bodies))
def test_what_is_read_is_what_fastavro_reads(body: bytes) -> None:
    try:
        fields, end = USUAL.read(body, 0)
    except Undecodable:
        return
    bare = fastavro.parse_schema(json.loads(SCHEMA_TEXT.replace("logicalType", "meaning")))
    record = fastavro.schemaless_reader(BytesIO(body[:end]), bare, None)
    assert fields == tuple(record.values())  # type: ignore[union-attr]


def names() -> st.SearchStrategy[str]:
    return st.uuids().map(lambda unique: f"N{unique.hex}")


def unions(members: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(
        members.filter(lambda member: not isinstance(member, list)),
        min_size=1,
        max_size=3,
        unique_by=lambda member: member if isinstance(member, str) else member["type"],
    )


def records(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = st.lists(members, max_size=3).map(
        lambda types: [{"name": f"f{n}", "type": declared} for n, declared in enumerate(types)]
    )
    return st.builds(lambda name, f: {"type": "record", "name": name, "fields": f}, names(), fields)


types = st.recursive(
    st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
    | st.builds(lambda name: {"type": "enum", "name": name, "symbols": ["A", "B"]}, names())
    | st.builds(lambda name: {"type": "fixed", "name": name, "size": 3}, names()),
    lambda members: (
        members.map(lambda member: {"type": "array", "items": member})
        | members.map(lambda member: {"type": "map", "values": member})
        | unions(members)
        | records(members)
    ),
    max_leaves=6,
)


@unhurried
@given(types, st.integers(0, 10), st.data())
def test_a_field_of_any_type_in_any_place_changes_nothing(
    declared: Any, at: int, data: st.DataObject
) -> None:
    schema = with_field(declared, at=at)
    added = fastavro.utils.generate_one(fastavro.parse_schema(declared))
    body = write(schema, added=added)

    assert read(schema, body) == USUAL.read(write(), 0)[0]
    outcome(WriterSchema(json.dumps(schema)), data.draw(damaged(st.just(body))))


@unhurried
@given(st.sampled_from(sorted(FIELDS)), types, st.data())
def test_another_type_of_our_fields_is_resolved_or_undecodable(
    name: str, declared: Any, data: st.DataObject
) -> None:
    schema = with_type(name, declared)
    value = fastavro.utils.generate_one(fastavro.parse_schema(declared))
    writer = WriterSchema(json.dumps(schema))

    if outcome(writer, write(schema, **{name: value})) != "undecodable":
        assert declared in ("string", "bytes", "null") or isinstance(declared, list)
    outcome(writer, data.draw(damaged(st.just(write(schema, **{name: value})))))


def test_a_field_with_a_default_may_be_left_out() -> None:
    schema = our_schema()
    del schema["fields"][8:]

    assert read(schema, write(schema))[8:] == (None, None)


def test_bytes_are_a_text_if_they_are_utf8() -> None:
    schema = with_type("account_id", "bytes")

    assert read(schema, write(schema, account_id="ü".encode()))[3] == "ü"
    with pytest.raises(Undecodable, match="does not resolve to our schema"):
        read(schema, write(schema, account_id=b"\xff"))


def test_fields_may_come_in_another_order() -> None:
    schema = our_schema()
    schema["fields"].reverse()

    assert read(schema, write(schema)) == USUAL.read(write(), 0)[0]


@pytest.mark.parametrize("where", ["usual", "careful"])
def test_a_symbol_that_we_do_not_know_is_unknown(where: str) -> None:
    symbols = ["SETTLED", "PENDING", "SUCCESS", "FAILED", "REVERSED", "UNKNOWN"]
    status = {"type": "enum", "name": "Status", "symbols": symbols, "default": "UNKNOWN"}
    schema = with_type("status", status) | ({"aliases": ["Event"]} if where == "careful" else {})

    assert read(schema, write(schema, status="SETTLED"))[6] == "UNKNOWN"
    assert read(schema, write(schema, status="SUCCESS"))[6] == "SUCCESS"


def test_a_type_may_be_defined_in_a_field_that_we_do_not_have() -> None:
    schema = with_field({"type": "array", "items": our_schema()["fields"][2]["type"]}, at=0)
    schema["fields"][3]["type"] = "reconsite.Source"

    assert read(schema, write(schema, added=["MOBILE"]))[2] == "CORE"


def test_a_type_may_be_defined_in_a_schema_that_is_referred_to() -> None:
    source = our_schema()["fields"][2]["type"] | {"namespace": "reconsite"}
    schema = json.dumps(with_type("source", "reconsite.Source"))

    fields, _ = WriterSchema(schema, [json.dumps(source)]).read(write(), 0)

    assert fields[2] == "CORE"


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("amount", "bytes"),
        ("amount", "string"),
        ("amount", {"type": "fixed", "name": "Amount", "size": 4}),
        ("amount", [{"type": "bytes", "logicalType": "decimal", "scale": 4}, "string"]),
        ("amount", {"type": "bytes", "logicalType": "decimal", "precision": 50, "scale": 39}),
        ("amount", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": "4"}),
        ("occurred_at", "long"),
        ("occurred_at", {"type": "int", "logicalType": "timestamp-micros"}),
        ("occurred_at", {"type": "long", "logicalType": "timestamp-nanos"}),
        ("occurred_at", {"type": "long", "logicalType": "local-timestamp-micros"}),
    ],
)
def test_numbers_in_units_that_are_not_told_are_undecodable(name: str, declared: Any) -> None:
    schema = WriterSchema(json.dumps(with_type(name, declared)))

    with pytest.raises(Undecodable, match="must have a decimal amount and an occurred_at in"):
        schema.read(write(), 0)


@pytest.mark.parametrize("text", ['"string"', '{"type": "array", "items": "null"}', '["null"]'])
def test_what_a_schema_wrote_that_is_no_record_is_undecodable(text: str) -> None:
    with pytest.raises(Undecodable):
        WriterSchema(text).read(write(), 0)


KEYS = ["type", "name", "fields", "symbols", "items", "values", "size", "default"]
junk = st.recursive(
    st.none() | st.integers() | st.sampled_from(["record", "enum", "string", "A", ""]),
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(KEYS), parts, max_size=5)
    ),
)


@unhurried
@given(junk.map(json.dumps) | st.text(max_size=9) | st.just("[" * 100_000))
def test_a_text_is_a_schema_or_not_avro(text: str) -> None:
    try:
        schema = WriterSchema(text)
    except NotAvro:
        return
    assert outcome(schema, write()) == "undecodable"
