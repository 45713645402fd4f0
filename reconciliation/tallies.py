"""The kept figures: what one commit adds to them, gathered by transaction, written by table.

They belong to the lane, and are written under its lock: two workers never wait
for each other's, and nobody ever counts results to show a number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from django.db import connection

from reconciliation.events import VerdictStatus
from reconciliation.standings import StoredResult

MATCHED = VerdictStatus.MATCHED.value
MISMATCHED = VerdictStatus.MISMATCHED.value
HEALED = "healed"
ZERO = Decimal(0)

# Status, currency and discrepancies of a transaction.
State = tuple[str, str, tuple[str, ...]]
state_of: Callable[[StoredResult], State] = attrgetter("status", "currency", "discrepancies")
# In flight for the first time: nothing is decided, not even of which currency it is.
UNDECIDED: State = (VerdictStatus.IN_FLIGHT.value, "", ())

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
    """The differences that one commit makes, at the moment `at`.

    Transactions by the thousand make the same few moves, from one state to
    another: what a move means for the figures is worked out once for all of them.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at
        # By lane, the state before (None for a new transaction), the state after, and
        # whether that healed it.
        self._moves: defaultdict[tuple[int, State | None, State, bool], int] = defaultdict(int)
        self._at_risk: defaultdict[tuple[int, str, str], Decimal] = defaultdict(Decimal)

    def count(
        self, lane: int, known: bool, before: StoredResult | None, after: StoredResult | None
    ) -> None:
        """One transaction: `known` when there were events of it before; None is undecided."""
        if known and before == after:
            return
        left = (state_of(before) if before else UNDECIDED) if known else None
        entered = state_of(after) if after else UNDECIDED
        healed = before is not None and after is not None and before.healed_at != after.healed_at
        self._moves[lane, left, entered, healed] += 1
        if before and before.amount_at_risk:
            self._at_risk[lane, before.status, before.currency] -= before.amount_at_risk
        if after and after.amount_at_risk:
            self._at_risk[lane, after.status, after.currency] += after.amount_at_risk

    def write(self) -> None:
        totals, minutes = self._totals(), self._minutes()
        with connection.cursor() as cursor:
            if totals:
                cursor.execute(_TOTALS, _columns(totals))
            if minutes:
                cursor.execute(_MINUTES, [self._at, *_columns(minutes)])

    def _totals(self) -> list[tuple[object, ...]]:
        transactions: Counter[tuple[int, str, str]] = Counter()
        for (lane, left, entered, _), count in self._moves.items():
            transactions[lane, entered[0], entered[1]] += count
            if left is not None:
                transactions[lane, left[0], left[1]] -= count
        return [
            (*key, count, self._at_risk.get(key, ZERO))
            for key, count in sorted(transactions.items())
            if count or self._at_risk.get(key)
        ]

    def _minutes(self) -> list[tuple[object, ...]]:
        kinds: Counter[tuple[int, str]] = Counter()
        for (lane, left, entered, healed), count in self._moves.items():
            for kind in _kinds(left or UNDECIDED, entered, healed):
                kinds[lane, kind] += count
        return [(*key, count) for key, count in sorted(kinds.items())]


def _kinds(left: State, entered: State, healed: bool) -> Iterator[str]:
    """Under which kinds a minute counts a move."""
    status, _, discrepancies = entered
    if status != left[0] and status == MATCHED:
        yield HEALED if healed else MATCHED
    if status != left[0] and status == MISMATCHED:
        yield MISMATCHED
    yield from (each for each in discrepancies if each not in left[2])


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
