from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from desk.tests.test_access import problem
from ingestion.models import DeadLetter
from reconciliation.tests.strategies import TEN

pytestmark = pytest.mark.django_db


def store(offset: int, **changes: Any) -> int:
    letter: dict[str, Any] = {
        "topic": "core_txns",
        "partition": 0,
        "offset": offset,
        "value": b"four",
        "reason": "undecodable",
        "detail": "it ends early",
        "received_at": TEN,
    }
    return int(DeadLetter.objects.create(**{**letter, **changes}).pk)


def offsets(client: Client, query: str = "") -> list[int]:
    rows = client.get(f"/api/v1/dead-letters?{query}").json()["results"]
    return [row["offset"] for row in rows]


def test_a_dead_letter_tells_its_place_and_reason_but_not_its_bytes(viewer: Client) -> None:
    number = store(7, key=b"secret")
    (letter,) = viewer.get("/api/v1/dead-letters").json()["results"]
    assert letter.pop("received_at").startswith("2026-03-02T10:00:00")
    assert letter == {
        "id": number,
        "topic": "core_txns",
        "partition": 0,
        "offset": 7,
        "reason": "undecodable",
        "detail": "it ends early",
        "size": 4,
        "kafka_timestamp": None,
        "replayed_at": None,
    }


def test_the_newest_come_first_page_by_page(viewer: Client) -> None:
    for offset in range(5):
        store(offset, received_at=TEN + timedelta(seconds=offset // 2))
    first = viewer.get("/api/v1/dead-letters?limit=3").json()
    assert [row["offset"] for row in first["results"]] == [4, 3, 2]
    assert offsets(viewer, f"limit=3&cursor={first['next']}") == [1, 0]


def test_dead_letters_are_filtered(viewer: Client) -> None:
    store(1, replayed_at=TEN)
    store(2, reason="trailing_bytes")
    store(3, topic="mobile_txns", value=None)
    assert offsets(viewer, "replayed=true") == [1]
    assert offsets(viewer, "replayed=false") == [3, 2]
    assert offsets(viewer, "reason=trailing_bytes&reason=unknown_schema") == [2]
    assert offsets(viewer, "topic=mobile_txns") == [3]


@pytest.mark.parametrize("query", ["reason=bad", "replayed=perhaps", "limit=x", "cursor=x"])
def test_what_cannot_be_asked_is_refused(viewer: Client, query: str) -> None:
    response = viewer.get(f"/api/v1/dead-letters?{query}")
    assert problem(response) == (400, "invalid-parameters")


def test_rule_sets_are_told_the_newest_first(viewer: Client) -> None:
    (first,) = viewer.get("/api/v1/rule-sets").json()
    assert first["version"] == 1
    assert first["rules"]["default"]["expected"] == ["core", "gateway", "mobile"]
