"""What one commit changes of verdicts, gathered row by row and written table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from reconciliation.bulk import copy_rows, delete_rows, upsert_rows
from reconciliation.events import Event, Judgement, Leg, Source, VerdictStatus
from reconciliation.inflight import LaneChanges
from reconciliation.lanes import LockedLane
from reconciliation.models import OpenTransaction, ReconciliationResult, ResultRevision
from reconciliation.rules import RuleSet
from reconciliation.standings import Standing, StoredResult
from reconciliation.tallies import Tallies

LABELS = {source.value: source.label for source in Source}
# A transaction has rarely more events than this; then nothing is sorted out.
FEW = 12


class Settled(NamedTuple):
    """One transaction as it was and as it was just judged."""

    transaction_id: str
    lane: LockedLane
    standing: Standing
    arrived: Sequence[Event]
    rule_set: RuleSet
    judgement: Judgement
    replayed: bool = False

    @property
    def cause(self) -> str:
        """The record that brought the change, its replay, or the sweep: time alone."""
        if self.replayed:
            return "replay"
        if not self.arrived:
            return "sweep"
        last = self.arrived[-1]
        return f"{last.topic}/{last.partition}/{last.offset}"


class Changes:
    """Rows to write; `cached` is for Redis, once they are committed."""

    def __init__(self, lanes: Mapping[int, LockedLane], at: datetime) -> None:
        self._at = at
        self._decided: list[tuple[Any, ...]] = []
        self._changed: list[tuple[Any, ...]] = []
        self._revisions: list[tuple[Any, ...]] = []
        self._opened: list[tuple[Any, ...]] = []
        self._closed: list[str] = []
        self._tallies = Tallies(at)
        self.cached = {
            number: LaneChanges(lane.before, lane.version, {}, []) for number, lane in lanes.items()
        }

    def settle(self, settled: Settled) -> None:
        result = self._settle_result(settled)
        self._settle_open(settled, result)
        self._tallies.count(
            settled.lane.lane, bool(settled.standing.events), settled.standing.result, result
        )

    def write(self) -> None:
        """Under the lanes' locks new results are known to be new: they need no upsert."""
        copy_rows(ReconciliationResult, self._decided)
        upsert_rows(ReconciliationResult, self._changed)
        copy_rows(ResultRevision, self._revisions)
        upsert_rows(OpenTransaction, self._opened)
        delete_rows(OpenTransaction, self._closed)
        self._tallies.write()

    def _settle_result(self, settled: Settled) -> StoredResult | None:
        """Store the verdict where it is one, or was one before; a revision where it changed."""
        before = settled.standing.result
        verdict = settled.judgement.verdict
        if before is None and verdict.status == VerdictStatus.IN_FLIGHT:
            return None
        result = _next_result(before, verdict.status, settled, self._at)
        if before is None:
            self._decided.append(_result_row(settled, result, self._at))
        elif result.revision != before.revision or _tells_something_new(settled):
            self._changed.append(_result_row(settled, result, self._at))
        if before is None or result.revision != before.revision:
            self._revisions.append(self._revision_row(settled, result))
        return result

    def _settle_open(self, settled: Settled, result: StoredResult | None) -> None:
        """Keep it open while time alone can change its verdict, and in Redis as long."""
        waits, waited = settled.judgement.waits, settled.standing.waits
        if waits != waited and waits:
            self._opened.append(_open_row(settled))
        elif waited and not waits:
            self._closed.append(settled.transaction_id)
        cached = self.cached[settled.lane.lane]
        if waits:
            events = _distinct((*settled.standing.events, *settled.arrived))
            cached.puts[settled.transaction_id] = Standing(events, result, waits)
        elif waited:
            cached.removals.append(settled.transaction_id)

    def _revision_row(self, settled: Settled, result: StoredResult) -> tuple[Any, ...]:
        settled.lane.n += 1
        return (
            settled.lane.lane,
            settled.lane.n,
            settled.transaction_id,
            result.revision,
            result.status,
            list(result.discrepancies),
            result.amount_at_risk,
            settled.rule_set.version,
            settled.cause,
            self._at,
        )


def _next_result(
    before: StoredResult | None, status: VerdictStatus, settled: Settled, at: datetime
) -> StoredResult:
    """The result after this judgement; the next revision where what is told has changed."""
    verdict = settled.judgement.verdict
    told = (status.value, verdict.discrepancies, verdict.amount_at_risk)
    # An amount in another currency is another amount.
    same = before is not None and (*told, verdict.currency) == (*before[:3], before.currency)
    if before is None:
        mismatched_at = at if status == VerdictStatus.MISMATCHED else None
        return StoredResult(*told, 1, at, mismatched_at, None, verdict.currency)
    if same:
        return before
    mismatched_at, healed_at = before.mismatched_at, before.healed_at
    if status == VerdictStatus.MISMATCHED and before.status != VerdictStatus.MISMATCHED:
        mismatched_at = at
    if status == VerdictStatus.MATCHED and _unhealed(before):
        healed_at = at
    return StoredResult(
        *told, before.revision + 1, before.decided_at, mismatched_at, healed_at, verdict.currency
    )


def _unhealed(result: StoredResult) -> bool:
    """Whether it was mismatched since it was last matched, be it in flight meanwhile."""
    if result.mismatched_at is None:
        return False
    return result.healed_at is None or result.healed_at < result.mismatched_at


def _tells_something_new(settled: Settled) -> bool:
    """Whether an event arrived that is no redelivery: what is shown of the legs may differ."""
    return bool(
        {_told(event) for event in settled.arrived}
        - {_told(event) for event in settled.standing.events}
    )


def _told(event: Event) -> tuple[Any, ...]:
    """All that a producer told, without where and when it was told."""
    return event[3:13]


def _distinct(events: Sequence[Event]) -> tuple[Event, ...]:
    """The earliest of each that tell the same: so a storm of redeliveries stays small in Redis."""
    if len(events) <= FEW:
        return tuple(events)
    first: dict[tuple[Any, ...], Event] = {}
    for event in sorted(events, key=attrgetter("received_at")):
        first.setdefault(_told(event), event)
    return tuple(first.values())


def _result_row(settled: Settled, result: StoredResult, at: datetime) -> tuple[Any, ...]:
    verdict = settled.judgement.verdict
    return (
        settled.transaction_id,
        result.status,
        list(result.discrepancies),
        verdict.details,
        legs_in_json(verdict.legs),
        verdict.channel,
        verdict.currency,
        result.amount_at_risk,
        settled.rule_set.version,
        result.revision,
        settled.judgement.first_seen_at,
        result.decided_at,
        result.mismatched_at,
        result.healed_at,
        at,
    )


def legs_in_json(legs: Sequence[Leg]) -> dict[str, dict[str, Any]]:
    """Legs by source, ready for JSON."""
    return {LABELS[leg.source]: _in_json(leg) for leg in legs}


def _in_json(leg: Leg) -> dict[str, Any]:
    return {
        "status": leg.status,
        "amount": str(leg.amount),
        "currency": leg.currency,
        "account_id": leg.account_id,
        "occurred_at": leg.occurred_at,
        "channel": leg.channel,
        "reference": leg.reference,
    }


def _open_row(settled: Settled) -> tuple[Any, ...]:
    return (
        settled.transaction_id,
        settled.lane.lane,
        settled.judgement.first_seen_at,
        *(settled.judgement.waits.get(source) for source in LABELS),
    )
