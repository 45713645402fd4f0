"""How a transaction stands before something happens to it, as PostgreSQL knows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from reconciliation.events import Event, Source


class StoredResult(NamedTuple):
    """What the next revision of a stored result depends on."""

    status: str
    discrepancies: tuple[str, ...]
    amount_at_risk: Decimal
    revision: int
    decided_at: datetime
    mismatched_at: datetime | None
    healed_at: datetime | None
    currency: str


class Standing(NamedTuple):
    """A transaction's events so far, its stored result, and what it waits for.

    `waits` is empty when the transaction is not in `open_transactions`.
    """

    events: tuple[Event, ...]
    result: StoredResult | None
    waits: Mapping[str, datetime]


NEW = Standing((), None, {})

_OPEN_AND_RESULTS = """
    SELECT transaction_id, least(open.first_seen_at, result.first_seen_at),
           due_core, due_gateway, due_mobile,
           status, discrepancies, amount_at_risk, revision,
           decided_at, mismatched_at, healed_at, currency
    FROM (SELECT * FROM open_transactions WHERE transaction_id = ANY(%(ids)s)) AS open
    FULL JOIN (SELECT * FROM reconciliation_results WHERE transaction_id = ANY(%(ids)s)) AS result
    USING (transaction_id)
"""

# The time bound lets PostgreSQL pass over the months before.
_EVENTS = """
    SELECT topic, partition, "offset", event_id, transaction_id, source, account_id, amount,
           currency, status, occurred_at, channel, reference, kafka_timestamp, received_at
    FROM raw_events
    WHERE transaction_id = ANY(%(ids)s) AND received_at >= %(since)s
"""


def load_standings(transaction_ids: Collection[str]) -> dict[str, Standing]:
    """How these transactions stand; those that PostgreSQL does not know are left out.

    Called under the locks of their lanes, where not known means new.
    """
    if not transaction_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_AND_RESULTS, {"ids": list(transaction_ids)})
        rows = cursor.fetchall()
        if not rows:
            return {}
        events: dict[str, list[Event]] = {row[0]: [] for row in rows}
        cursor.execute(_EVENTS, {"ids": list(events), "since": min(row[1] for row in rows)})
        for row in cursor.fetchall():
            event = Event._make(row)
            events[event.transaction_id].append(event)
    return {
        transaction_id: Standing(tuple(events[transaction_id]), _result(result), _waits(dues))
        for transaction_id, _, *dues, result in (
            (row[0], row[1], row[2], row[3], row[4], row[5:]) for row in rows
        )
    }


def _waits(dues: list[datetime | None]) -> dict[str, datetime]:
    return {source: due for source, due in zip(Source.values, dues, strict=True) if due is not None}


def _result(row: tuple[object, ...]) -> StoredResult | None:
    if row[0] is None:
        return None
    result = StoredResult._make(row)
    return result._replace(discrepancies=tuple(result.discrepancies))
