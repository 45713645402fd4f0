"""A record that can never be an event becomes a dead letter, and nothing but that."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestion.tests.processes.judging import DeadLetter, dead_letters, judge, stored_results
from ingestion.tests.processes.stage import Stage, fields
from ingestion.tests.processes.topics import SOURCES, Headers
from producers.unreadable import UNREGISTERED

pytestmark = pytest.mark.processes

TRACE: Headers = [
    ("trace", b"\xff\x00"),
    ("empty", b""),
    ("null", None),
]


def poison(stage: Stage) -> list[tuple[bytes | None, str]]:
    """Values for the topic of core, each with the reason why it is none."""

    def encoded(**changes: object) -> bytes:
        return stage.topics.encode("CORE", fields("BAD", "CORE") | changes)

    good = encoded()
    return [
        (None, "not_confluent_framed"),
        (b"", "not_confluent_framed"),
        (b"\x01\xff\x00garbage", "not_confluent_framed"),
        (good[:1] + UNREGISTERED + good[5:], "unknown_schema"),
        (good[:-1], "undecodable"),
        (good + b"\x00", "trailing_bytes"),
        (encoded(source="MOBILE"), "wrong_source"),
        (encoded(currency="inr"), "invalid_field"),
        (encoded(amount=Decimal("-0.0001")), "invalid_field"),
        (encoded(event_id="E1"), "invalid_field"),
        (encoded(transaction_id=""), "invalid_field"),
        (encoded(transaction_id="T 1"), "invalid_field"),
        (encoded(transaction_id="T" * 65), "invalid_field"),
    ]


def test_poison_among_good_records_is_kept_with_its_bytes_and_reason(stage: Stage) -> None:
    values = poison(stage)
    for number, (value, _) in enumerate(values):
        for source in SOURCES:
            stage.tell(f"T{number}", source)
        stage.publish("CORE", value, f"{number}".encode(), TRACE)
    stage.start_worker()
    stage.wait_until_at_rest()
    headers: list[list[bytes | None]] = [[b"trace", b"\xff\x00"], [b"empty", b""], [b"null", None]]
    assert sorted(dead_letters(stage).values(), key=lambda letter: int(letter.key or b"")) == [
        DeadLetter(f"{number}".encode(), value, headers, reason)
        for number, (value, reason) in enumerate(values)
    ]
    assert stored_results(stage).keys() == {f"T{number}" for number in range(len(values))}
    judge(stage)


def test_a_null_key_and_an_empty_one_stay_apart(stage: Stage) -> None:
    stage.publish("GATEWAY", None, None)
    stage.publish("GATEWAY", b"", b"")
    stage.start_worker()
    stage.wait_until_at_rest()
    assert set(dead_letters(stage).values()) == {
        DeadLetter(None, None, None, "not_confluent_framed"),
        DeadLetter(b"", b"", None, "not_confluent_framed"),
    }
    judge(stage)
