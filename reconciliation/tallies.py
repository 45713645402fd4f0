"""The kept figures: what one commit adds to them, gathered by transaction, written by table.

They belong to the lane, and are written under its lock: two workers never wait
for each other's, and nobody ever counts results to show a number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal

from django.db import connection

from reconciliation.events import VerdictStatus
from reconciliation.standings import StoredResult

MATCHED = VerdictStatus.MATCHED.value
MISMATCHED = VerdictStatus.MISMATCHED.value
HEALED = "healed"
ZERO = Decimal(0)
# In flight for the first time: nothing is decided, not even of which currency it is.
UNDECIDED = (VerdictStatus.IN_FLIGHT.value, "")

_TOTALS = """
    INSERT INTO totals AS kept (lane, status, currency, transactions, amount_at_risk)
    SELECT * FROM unnest(%s::smallint[], %s::text[], %s::text[], %s::bigint[], %s::numeric[])
    ON CONFLICT (lane, status, currency) DO UPDATE SET
        transactions = kept.transactions + excluded.transactions,
        amount_at_risk = kept.amount_at_risk + excluded.amount_at_risk
"""
_MINUTES = """
    INSERT INTO minute_tallies AS kept (minute, lane, kind, transactions)
    SELECT date_trunc('minute', %s::timestamptz, 'UTC'), change.*
    FROM unnest(%s::smallint[], %s::text[], %s::integer[]) AS change
    ON CONFLICT (minute, lane, kind) DO UPDATE SET
        transactions = kept.transactions + excluded.transactions
"""


class Tallies:
    """The differences that one commit makes, at the moment `at`."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._transactions: Counter[tuple[int, str, str]] = Counter()
        self._at_risk: defaultdict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
        self._minutes: Counter[tuple[int, str]] = Counter()

    def count(
        self, lane: int, *, known: bool, before: StoredResult | None, after: StoredResult | None
    ) -> None:
        """One transaction: `known` when there were events of it before; None is undecided."""
        if known:
            if before == after:
                return
            self._add(lane, before, -1)
        self._add(lane, after, 1)
        if after is not None and (before is None or after.revision != before.revision):
            self._count_revision(lane, before, after)

    def write(self) -> None:
        totals = [
            (*key, count, self._at_risk.get(key, ZERO))
            for key, count in self._transactions.items()
            if count or self._at_risk.get(key)
        ]
        minutes = [(*key, count) for key, count in self._minutes.items()]
        with connection.cursor() as cursor:
            if totals:
                cursor.execute(_TOTALS, [list(column) for column in zip(*totals, strict=True)])
            if minutes:
                columns = [list(column) for column in zip(*minutes, strict=True)]
                cursor.execute(_MINUTES, [self._at, *columns])

    def _add(self, lane: int, result: StoredResult | None, sign: int) -> None:
        if result is None:
            self._transactions[(lane, *UNDECIDED)] += sign
            return
        key = (lane, result.status, result.currency)
        self._transactions[key] += sign
        if result.amount_at_risk:
            self._at_risk[key] += sign * result.amount_at_risk

    def _count_revision(self, lane: int, before: StoredResult | None, after: StoredResult) -> None:
        if before is None or before.status != after.status:
            if after.status == MISMATCHED:
                self._minutes[lane, MISMATCHED] += 1
            elif after.status == MATCHED:
                healed = before is not None and after.healed_at != before.healed_at
                self._minutes[lane, HEALED if healed else MATCHED] += 1
        for discrepancy in after.discrepancies:
            if before is None or discrepancy not in before.discrepancies:
                self._minutes[lane, discrepancy] += 1
