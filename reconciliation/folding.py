"""Fold what each source told about one transaction into its leg."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from reconciliation.events import Event, EventStatus, Leg, Source

PENDING = EventStatus.PENDING.value
SUCCESS = EventStatus.SUCCESS.value
FAILED = EventStatus.FAILED.value
REVERSED = EventStatus.REVERSED.value
RANK = {PENDING: 0, SUCCESS: 1, FAILED: 1, REVERSED: 2}
SOURCES = tuple(Source.values)
# A source that uses one transaction id for everything must not fill the details.
SHOWN_CONTENTS = 20


# What an event says, of a given source: account, amount, currency, status and
# `occurred_at`. Events of one content count once.
Content: TypeAlias = tuple[str, Decimal, str, str, datetime]


class Fold(NamedTuple):
    """The legs in the order of the sources, and what was posted twice.

    `duplicates` has what each source told that posted twice, or used one event
    id for two contents, ready for JSON, the earliest first; `extra_postings` is how many
    contents were told beyond the first of each source and final status.
    """

    legs: tuple[Leg, ...]
    duplicates: dict[str, list[dict[str, Any]]]
    extra_postings: int


def fold(events: Sequence[Event]) -> Fold:
    """Fold the events of one transaction, in any order."""
    told: dict[str, list[Event]] = {}
    for event in events:
        told.setdefault(event.source, []).append(event)
    legs = []
    duplicates: dict[str, list[dict[str, Any]]] = {}
    extra_postings = 0
    for source in SOURCES:
        of_source = told.get(source)
        if of_source is None:
            continue
        if len(of_source) == 1:
            legs.append(_leg(of_source[0]))
            continue
        smallest_ids = _smallest_ids(of_source)
        legs.append(_leg_of_many(source, of_source, smallest_ids))
        final = [status for _, _, _, status, _ in smallest_ids if status != PENDING]
        extra = len(final) - len(set(final))
        if extra or _reuses_an_id(of_source, smallest_ids):
            duplicates[source] = _shown(smallest_ids)[:SHOWN_CONTENTS]
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


def _content(event: Event) -> Content:
    # A slice of the named tuple: this is asked of every event.
    return event[6:11]


def _smallest_ids(events: Sequence[Event]) -> dict[Content, str]:
    """Each content with the smallest id under which it was told."""
    smallest: dict[Content, str] = {}
    for event in events:
        content = _content(event)
        known = smallest.get(content)
        if known is None or event.event_id < known:
            smallest[content] = event.event_id
    return smallest


def _leg_of_many(source: str, events: Sequence[Event], smallest_ids: dict[Content, str]) -> Leg:
    """The leg takes its values from the effective event, its time from the first of that status.

    A later pending never undoes a final state; a later success after a failure
    (or the other way) is a correction.
    """
    _, _, _, status, amount, currency, account_id = max(
        [
            (RANK[status], occurred_at, event_id, status, amount, currency, account_id)
            for (account_id, amount, currency, status, occurred_at), event_id in (
                smallest_ids.items()
            )
        ]
    )
    return Leg(
        source,
        status,
        amount,
        currency,
        account_id,
        min([told_at for _, _, _, told, told_at in smallest_ids if told == status]),
        min([event.channel for event in events if event.channel is not None], default=None),
        min([event.reference for event in events if event.reference is not None], default=None),
    )


def _reuses_an_id(events: Sequence[Event], contents: dict[Content, str]) -> bool:
    """Whether one event id stands for two contents."""
    if len(contents) == 1 or len({event.event_id for event in events}) == len(events):
        return False
    pairs = {(event.event_id, _content(event)) for event in events}
    return len(pairs) > len({event_id for event_id, _ in pairs})


def _shown(contents: dict[Content, str]) -> list[dict[str, Any]]:
    """The contents in the order in which they happened."""
    return [
        {
            "status": status,
            "amount": amount,
            "currency": currency,
            "account_id": account_id,
            "occurred_at": occurred_at,
        }
        for account_id, amount, currency, status, occurred_at in sorted(
            contents, key=lambda content: (content[-1], content)
        )
    ]
