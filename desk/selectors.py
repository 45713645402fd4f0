"""What the desk shows, read from what is kept. Nothing here counts rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet, Sum

from ingestion.offsets import read_feeds
from ingestion.selectors import count_dead_letters
from reconciliation.changes import legs_in_json
from reconciliation.clock import read_clock
from reconciliation.events import Discrepancy, Source, VerdictStatus
from reconciliation.journal import Position, current_position
from reconciliation.matching import judge
from reconciliation.models import (
    MinuteTally,
    RawEvent,
    ReconciliationResult,
    ResultRevision,
    Total,
)
from reconciliation.rule_book import RuleBook
from reconciliation.rules import rule_set_at
from reconciliation.standings import load_standings

# What the minutes count, in the order in which it is shown.
KINDS = ("matched", "mismatched", "healed", *Discrepancy.values)


class Summary(NamedTuple):
    """The figures of the whole desk; `position` is not later than what they count."""

    at: datetime
    position: Position
    in_flight: int
    matched: int
    mismatched: int
    dead_letters: int
    amount_at_risk: list[dict[str, Any]]


def read_summary() -> Summary:
    position = current_position()
    transactions: dict[str, int] = dict.fromkeys(VerdictStatus.values, 0)
    at_risk: dict[str, Decimal] = {}
    rows = Total.objects.values_list("status", "currency").annotate(
        Sum("transactions"), Sum("amount_at_risk")
    )
    for status, currency, count, amount in rows:
        transactions[status] += count
        if amount:
            at_risk[currency] = at_risk.get(currency, Decimal(0)) + amount
    return Summary(
        at=read_clock(),
        position=position,
        dead_letters=count_dead_letters(),
        amount_at_risk=[
            {"currency": currency, "amount": at_risk[currency]} for currency in sorted(at_risk)
        ],
        **transactions,
    )


class Span(NamedTuple):
    """A range that the chart offers, in steps of so many seconds; both are whole minutes."""

    length: int
    step: int


SPANS = {"hour": Span(3600, 60), "day": Span(86_400, 600)}


class Timeseries(NamedTuple):
    range: str
    step: int
    times: list[int]
    series: dict[str, list[int]]


def read_timeseries(name: str, at: datetime) -> Timeseries:
    """What became of transactions in each step of the span that ends at `at`.

    The last step is the running one, so there is one more than fills the span.
    """
    length, step = SPANS[name]
    last = int(at.timestamp()) // step * step
    times = list(range(last - length, last + step, step))
    series = {kind: [0] * len(times) for kind in KINDS}
    for minute, kind, count in _tallies(times[0]):
        place = (int(minute.timestamp()) - times[0]) // step
        if kind in series and place < len(times):
            series[kind][place] += count
    return Timeseries(name, step, times, series)


def read_minutes(at: datetime) -> list[dict[str, Any]]:
    """The running minute and the one before, as far as anything was counted in them."""
    start = int(at.timestamp()) // 60 * 60 - 60
    minutes: dict[int, dict[str, int]] = {start: {}, start + 60: {}}
    for minute, kind, count in _tallies(start):
        minutes.setdefault(int(minute.timestamp()), {})[kind] = count
    return [{"minute": minute, "counts": counts} for minute, counts in minutes.items()]


def _tallies(since: int) -> Iterable[tuple[datetime, str, int]]:
    rows = MinuteTally.objects.filter(minute__gte=datetime.fromtimestamp(since, UTC))
    return rows.values_list("minute", "kind").annotate(Sum("transactions")).order_by("minute")


def results_of(transaction_ids: Collection[str]) -> list[ReconciliationResult]:
    """The results of these as they are now, the newest first."""
    rows = ReconciliationResult.objects.filter(pk__in=list(transaction_ids))
    return list(rows.order_by("-updated_at", "-transaction_id"))


def find_results(
    *,
    status: Collection[str] = (),
    discrepancy: Collection[str] = (),
    channel: Collection[str] = (),
    currency: Collection[str] = (),
    transaction_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[ReconciliationResult]:
    """Results that have any of each; `transaction_id` is how the id begins."""
    rows = ReconciliationResult.objects.all()
    if len(status) == 1:
        # Written out, so that PostgreSQL sees that the index of mismatches is enough.
        rows = rows.filter(status=next(iter(status)))
    elif status:
        rows = rows.filter(status__in=status)
    if discrepancy:
        rows = rows.filter(status=VerdictStatus.MISMATCHED, discrepancies__overlap=discrepancy)
    if channel:
        rows = rows.filter(channel__in=channel)
    if currency:
        rows = rows.filter(currency__in=currency)
    if transaction_id:
        rows = rows.filter(pk__startswith=transaction_id)
    if since:
        rows = rows.filter(updated_at__gte=since)
    if until:
        rows = rows.filter(updated_at__lt=until)
    return rows


# A storm of redeliveries is no reading matter.
MOST_EVENTS = 200


class Transaction(NamedTuple):
    """All about one transaction. `result` is not stored where it was never decided.

    `events` are the last MOST_EVENTS, in the order in which they were received,
    after `earlier_events` more.
    """

    result: ReconciliationResult
    expected: list[str]
    waits: dict[str, datetime]
    earlier_events: int
    events: list[RawEvent]
    history: list[ResultRevision]


def read_transaction(transaction_id: str) -> Transaction | None:
    """None where nothing was ever told of it."""
    if "\0" in transaction_id:  # PostgreSQL refuses to compare with it.
        return None
    standing = load_standings([transaction_id]).get(transaction_id)
    if standing is None:
        return None
    first_seen = min(event.received_at for event in standing.events)
    rule_set = rule_set_at(RuleBook().current(), first_seen)
    verdict = judge(standing.events, rule_set, read_feeds(settings.TOPICS)).verdict
    result = ReconciliationResult.objects.filter(pk=transaction_id).first()
    if result is None:
        result = ReconciliationResult(
            transaction_id=transaction_id,
            status=VerdictStatus.IN_FLIGHT,
            discrepancies=[],
            details={},
            legs=legs_in_json(verdict.legs),
            channel=verdict.channel,
            currency=verdict.currency,
            amount_at_risk=Decimal(0),
            rule_set=rule_set.version,
            revision=0,
            first_seen_at=first_seen,
            updated_at=max(event.received_at for event in standing.events),
        )
    events = _last_events(transaction_id, first_seen)
    return Transaction(
        result,
        [Source(each).label for each in rule_set.rules_for(verdict.channel).expected],
        {Source(source).label: due for source, due in standing.waits.items()},
        len(standing.events) - len(events),
        events,
        _history(transaction_id, first_seen),
    )


# The times let PostgreSQL pass over the months before.
def _last_events(transaction_id: str, since: datetime) -> list[RawEvent]:
    rows = RawEvent.objects.filter(transaction_id=transaction_id, received_at__gte=since)
    newest_first = rows.order_by("-received_at", "-topic", "-partition", "-offset")
    return list(newest_first[:MOST_EVENTS])[::-1]


def _history(transaction_id: str, since: datetime) -> list[ResultRevision]:
    rows = ResultRevision.objects.filter(transaction_id=transaction_id, at__gte=since)
    return list(rows.order_by("revision"))
