"""How far the sources have been read, for those who watch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, Sum

from ingestion.models import KafkaOffset
from ingestion.offsets import read_feeds
from reconciliation.events import Source


class SourceState(NamedTuple):
    """One source: its records stored so far, and how far it has been read.

    `lag_seconds` is None until every partition has once been read to its end.
    """

    source: str
    topic: str
    records: int
    dead_letters: int
    last_record_at: datetime | None
    read_until: datetime | None
    lag_seconds: float | None


def read_sources(topics: Mapping[str, str], at: datetime) -> list[SourceState]:
    """The state of every source at `at`; `topics` names the topic of each."""
    read_until = read_feeds(topics).read_until
    rows = KafkaOffset.objects.filter(topic__in=topics.values()).values("topic")
    stored = {
        row["topic"]: row
        for row in rows.annotate(Sum("records"), Sum("dead_letters"), Max("last_record_at"))
    }
    return [
        _state(source, topic, stored.get(topic, {}), read_until.get(source), at)
        for source, topic in topics.items()
    ]


def count_dead_letters() -> int:
    """Those that were not replayed, as counted where they were stored."""
    total: int = KafkaOffset.objects.aggregate(total=Sum("dead_letters", default=0))["total"]
    return total


def _state(
    source: str, topic: str, stored: Mapping[str, object], until: datetime | None, at: datetime
) -> SourceState:
    return SourceState(
        Source(source).label,
        topic,
        stored.get("records__sum", 0),  # type: ignore[arg-type]
        stored.get("dead_letters__sum", 0),  # type: ignore[arg-type]
        stored.get("last_record_at__max"),  # type: ignore[arg-type]
        until,
        None if until is None else max(0.0, (at - until).total_seconds()),
    )
