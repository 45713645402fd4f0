"""Fold what each source told about one transaction into its leg."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from reconciliation.events import Event, EventStatus, Leg, Source

PENDING = EventStatus.PENDING.value
SUCCESS = EventStatus.SUCCESS.value
FAILED = EventStatus.FAILED.value
REVERSED = EventStatus.REVERSED.value
RANK = {PENDING: 0, SUCCESS: 1, FAILED: 1, REVERSED: 2}
SOURCES = tuple(Source.values)


class Content(NamedTuple):
    """What an event says; two events of one content count once. The source is given."""

    status: str
    amount: Decimal
    currency: str
    account_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """The legs in the order of the sources, and the contents of sources that posted twice."""

    legs: tuple[Leg, ...]
    duplicates: dict[str, list[Content]]
    extra_postings: int


def fold(events: Sequence[Event]) -> Fold:
    """Fold the events of one transaction, in any order."""
    told: dict[str, list[Event]] = {}
    for event in events:
        told.setdefault(event.source, []).append(event)
    legs = []
    duplicates = {}
    extra_postings = 0
    for source in SOURCES:
        if source not in told:
            continue
        if len(told[source]) == 1:
            legs.append(_leg(told[source][0]))
            continue
        smallest_ids = _smallest_ids(told[source])
        legs.append(_leg_of_many(source, told[source], smallest_ids))
        extra = _extra_postings(smallest_ids)
        if extra or _reuses_an_id(told[source], smallest_ids):
            duplicates[source] = sorted(
                smallest_ids, key=lambda content: (content.occurred_at, content)
            )
            extra_postings += extra
    return Fold(tuple(legs), duplicates, extra_postings)


def _leg(event: Event) -> Leg:
    return Leg(
        event.source,
        event.status,
        event.amount,
        event.currency,
        event.account_id,
        event.occurred_at,
        event.channel,
        event.reference,
    )


def _smallest_ids(events: Sequence[Event]) -> dict[Content, str]:
    """Each content with the smallest id under which it was told."""
    smallest: dict[Content, str] = {}
    for event in events:
        content = _content(event)
        if content not in smallest or event.event_id < smallest[content]:
            smallest[content] = event.event_id
    return smallest


def _content(event: Event) -> Content:
    return Content(event.status, event.amount, event.currency, event.account_id, event.occurred_at)


def _leg_of_many(source: str, events: Sequence[Event], smallest_ids: dict[Content, str]) -> Leg:
    """The leg takes its values from the effective event, its time from the first of that status.

    A later pending never undoes a final state; a later success after a failure
    (or the other way) is a correction.
    """
    effective = max(
        smallest_ids,
        key=lambda content: (
            RANK[content.status],
            content.occurred_at,
            smallest_ids[content],
            content.status,
            content.amount,
            content.currency,
            content.account_id,
        ),
    )
    return Leg(
        source,
        effective.status,
        effective.amount,
        effective.currency,
        effective.account_id,
        min(content.occurred_at for content in smallest_ids if content.status == effective.status),
        _smallest(event.channel for event in events),
        _smallest(event.reference for event in events),
    )


def _smallest(texts: Iterable[str | None]) -> str | None:
    return min((text for text in texts if text is not None), default=None)


def _extra_postings(contents: Iterable[Content]) -> int:
    """How many contents were told beyond the first of each final status."""
    told = Counter(content.status for content in contents if content.status != PENDING)
    return sum(count - 1 for count in told.values())


def _reuses_an_id(events: Sequence[Event], contents: Collection[Content]) -> bool:
    """Whether one event id stands for two contents."""
    if len(contents) == 1:
        return False
    pairs = {(event.event_id, _content(event)) for event in events}
    return len(pairs) > len({event_id for event_id, _ in pairs})
