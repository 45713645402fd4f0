"""Records that can never become an event, each with the reason code of its dead letter.

The reasons, in the order in which the first that applies is given:
not_confluent_framed, unknown_schema, undecodable, trailing_bytes,
wrong_source, invalid_field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

Record = dict[str, object]

UNREGISTERED = (2**31 - 1).to_bytes(4, "big")
"""A schema id that no registry has given out yet."""


def _as_it_is(record: Record) -> Record:
    return record


def _unbent(value: bytes) -> bytes:
    return value


@dataclass(frozen=True, slots=True)
class Spoiling:
    """One way to make a good record unreadable.

    `record` changes the fields before they are encoded, `value` the framed
    bytes after.
    """

    name: str
    reason: str
    record: Callable[[Record], Record] = _as_it_is
    value: Callable[[bytes], bytes | None] = _unbent


def _field(**changes: object) -> Callable[[Record], Record]:
    return lambda record: record | changes


def _of_another_source(record: Record) -> Record:
    return record | {"source": "MOBILE" if record["source"] == "CORE" else "CORE"}


def _with_broken_text(value: bytes) -> bytes:
    """An account whose first two letters are not UTF-8."""
    return value[:5] + value[5:].replace(b"AC", b"\xff\xfe", 1)


SPOILINGS = (
    Spoiling("null", "not_confluent_framed", value=lambda value: None),
    Spoiling("empty", "not_confluent_framed", value=lambda value: b""),
    Spoiling("text", "not_confluent_framed", value=lambda value: b'{"status": "SUCCESS"}'),
    Spoiling("unframed", "not_confluent_framed", value=lambda value: b"\x02" + value[1:]),
    Spoiling("half a frame", "not_confluent_framed", value=lambda value: value[:3]),
    Spoiling(
        "unknown schema",
        "unknown_schema",
        value=lambda value: value[:1] + UNREGISTERED + value[5:],
    ),
    Spoiling("no body", "undecodable", value=lambda value: value[:5]),
    Spoiling("half a body", "undecodable", value=lambda value: value[: (5 + len(value)) // 2]),
    Spoiling("not UTF-8", "undecodable", value=_with_broken_text),
    Spoiling("trailing byte", "trailing_bytes", value=lambda value: value + b"\x00"),
    Spoiling(
        "trailing bytes of another source",
        "trailing_bytes",
        record=_of_another_source,
        value=lambda value: value + value,
    ),
    Spoiling("another source", "wrong_source", record=_of_another_source),
    Spoiling("unknown source", "wrong_source", record=_field(source="UNKNOWN", currency="")),
    Spoiling("event id in a row", "invalid_field", record=_field(event_id="0" * 32)),
    Spoiling("space in the id", "invalid_field", record=_field(transaction_id="TXN 1")),
    Spoiling("no account", "invalid_field", record=_field(account_id="")),
    Spoiling("negative amount", "invalid_field", record=_field(amount=Decimal("-0.01"))),
    Spoiling("lower-case currency", "invalid_field", record=_field(currency="eur")),
    Spoiling("unknown status", "invalid_field", record=_field(status="UNKNOWN")),
    Spoiling(
        "last century",
        "invalid_field",
        record=_field(occurred_at=datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ),
    Spoiling("lower-case channel", "invalid_field", record=_field(channel="upi")),
    Spoiling("NUL in the reference", "invalid_field", record=_field(reference="12\x0034")),
)


def spoiling(size: float) -> Spoiling:
    """One of them all, each as likely, for a `size` between 0 and 1."""
    return SPOILINGS[int(size * len(SPOILINGS))]
