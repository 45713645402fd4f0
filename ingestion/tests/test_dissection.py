from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingestion.dissection import Piece, dissect, hex_dump
from ingestion.schema_registry import WriterSchemas, connect
from ingestion.tests.avro_records import FIELDS, framed, our_schema, with_type, write
from ingestion.tests.subjects import register, topic_of_its_own


class Table:
    """Takes values of one topic apart, over the real registry."""

    def __init__(self, topic: str, schemas: WriterSchemas) -> None:
        self._topic = topic
        self._schemas = schemas
        self.schema_id = register(topic, our_schema())

    def pieces(self, value: bytes | None) -> list[Piece]:
        return list(dissect(self._topic, value, self._schemas))

    def says(self, body: bytes) -> dict[str, str]:
        pieces = self.pieces(framed(body, schema_id=self.schema_id))
        return {piece.name: piece.says for piece in pieces}


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    with topic_of_its_own() as topic, connect() as client:
        yield Table(topic, WriterSchemas(client))


def test_a_whole_record_says_its_fields_as_people_read_them(table: Table) -> None:
    says = table.says(write())
    assert says["magic byte"] == "0"
    assert says["schema id"] == str(table.schema_id)
    assert says["transaction_id"] == repr(FIELDS["transaction_id"])
    assert says["amount"] == "123.4567"
    assert says["occurred_at"].startswith("2026-11-25 ")
    assert says["status"] == "'SUCCESS'"


def test_the_pieces_cover_every_byte_once(table: Table) -> None:
    value = framed(write(), schema_id=table.schema_id) + b"more"
    pieces = table.pieces(value)
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert (pieces[0].start, pieces[-1].end) == (0, len(value))
    assert pieces[-1].name == "trailing bytes"


def test_what_ends_early_is_told_up_to_where_it_breaks(table: Table) -> None:
    says = table.says(write()[:60])
    assert says["event_id"] == repr(FIELDS["event_id"])
    assert list(says.values())[-1].startswith("cannot be read: ")
    assert "occurred_at" not in says


@pytest.mark.parametrize("length", range(0, 120))
def test_no_damage_is_too_much(table: Table, length: int) -> None:
    body = write()
    assert table.says(body[:length] + b"\xff" * (len(body) - length))


def test_null_reference_and_a_date_beyond_every_calendar_are_said(table: Table) -> None:
    says = table.says(write(reference=None, occurred_at=2**62))
    assert says["reference"] == "null"
    assert "beyond every calendar" in says["occurred_at"]


def test_an_amount_is_said_to_its_last_digit(table: Table) -> None:
    units = -1234567890123456789012345678901234
    says = table.says(write(amount=units.to_bytes(16, "big", signed=True)))
    assert says["amount"] == "-123456789012345678901234567890.1234"


def test_what_is_very_long_is_not_said_in_full(table: Table) -> None:
    says = table.says(write(account_id="9" * 100_000, amount=b"\x7f" * 1_000_000))
    assert len(says["account_id"]) < 250
    assert says["amount"] == "a number of 1000000 bytes, too long to be shown"


def test_a_number_that_is_not_declared_as_a_time_is_not_said_as_one() -> None:
    schema = with_type("occurred_at", "long")
    with topic_of_its_own() as topic, connect() as client:
        value = framed(write(schema), schema_id=register(topic, schema))
        says = {piece.name: piece.says for piece in dissect(topic, value, WriterSchemas(client))}
    assert says["occurred_at"] == str(FIELDS["occurred_at"])


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (None, ["value"]),
        (b"", ["magic byte"]),
        (b"{}", ["magic byte"]),
        (b"\x01\x00\x00\x00\x01", ["magic byte"]),
        (framed(b"x", schema_id=2**31), ["magic byte", "schema id", "data"]),
    ],
)
def test_without_a_schema_the_framing_is_all(
    table: Table, value: bytes | None, names: list[str]
) -> None:
    assert [piece.name for piece in table.pieces(value)] == names


def test_a_dump_has_offset_hex_and_ascii() -> None:
    first, second = hex_dump(bytes(range(0x30, 0x42)) + b"\x00\xff").splitlines()
    assert first == (
        "00000000  30 31 32 33 34 35 36 37  38 39 3a 3b 3c 3d 3e 3f  |0123456789:;<=>?|"
    )
    assert second == f"00000010  {'40 41 00 ff':<48}  |@A..|"


def test_a_long_dump_says_what_it_leaves_out() -> None:
    lines = hex_dump(bytes(5000)).splitlines()
    assert len(lines) == 4096 // 16 + 1
    assert lines[-1].startswith("904 more bytes")
