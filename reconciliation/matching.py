"""Fold, compare, decide: the events of one transaction become a verdict.

Pure: the same events, rules and feeds give the same judgement, in whatever
order the events are given. Section 4 of the contract is the source of every
rule here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciliation.comparing import NOTHING, Findings, amount_at_risk, compare, currency_of
from reconciliation.events import Event, Judgement, Leg, Source, Verdict, VerdictStatus
from reconciliation.feeds import Feeds
from reconciliation.folding import PENDING, RANK, REVERSED, SUCCESS, fold
from reconciliation.rules import Rules, RuleSet


def judge(events: Sequence[Event], rule_set: RuleSet, feeds: Feeds) -> Judgement:
    """The judgement over all events of one transaction; there is at least one.

    `rule_set` is the version that was in force when the transaction was first
    seen: the smallest `received_at` of its events.
    """
    folded = fold(events)
    legs = folded.legs
    channel = _channel_of(legs)
    rules = rule_set.rules_for(channel)
    statuses = {leg.status for leg in legs}
    first_seen = min([event.received_at for event in events])
    case = _Case(events, legs, statuses, first_seen, rules, feeds, compare(folded, rules), {})
    case.judge_behind()
    case.judge_unresolved()
    complete = case.judge_absent()
    verdict = Verdict(
        _decide(case.findings, complete),
        tuple(sorted(case.findings)),
        case.findings,
        legs,
        channel,
        currency_of(legs),
        amount_at_risk(folded, case.findings) if case.findings else NOTHING,
    )
    return Judgement(verdict, first_seen, case.waits)


def _channel_of(legs: Sequence[Leg]) -> str | None:
    for leg in legs:
        if leg.channel is not None:
            return leg.channel
    return None


def _decide(findings: Findings, complete: bool) -> VerdictStatus:
    if findings:
        return VerdictStatus.MISMATCHED
    return VerdictStatus.MATCHED if complete else VerdictStatus.IN_FLIGHT


@dataclass(slots=True)
class _Case:
    """One transaction in judgement: what is found, and what is waited for."""

    events: Sequence[Event]
    legs: Sequence[Leg]
    statuses: set[str]
    first_seen: datetime
    rules: Rules
    feeds: Feeds
    findings: Findings
    waits: dict[str, datetime]

    def overdue(self, source: str, at: datetime) -> bool:
        """Whether `source` is overdue at `at`; if not, that is waited for."""
        if self.feeds.overdue(source, at, self.rules.match_window):
            return True
        until = self.feeds.wait_until(source, at, self.rules.match_window)
        self.waits[source] = min(until, self.waits.get(source, until))
        return False

    def all_overdue(self, sources: Iterable[str], at: datetime) -> bool:
        """Asks each, not only up to the first that is not: each of them is waited for."""
        overdue = [self.overdue(source, at) for source in sources]
        return all(overdue)

    def behind(self) -> list[Leg]:
        """The legs whose source has not yet told what another already has."""
        if len(self.statuses) == 1:
            return []
        return [
            leg
            for leg in self.legs
            if leg.status == PENDING or (leg.status == SUCCESS and REVERSED in self.statuses)
        ]

    def judge_behind(self) -> None:
        if len(self.statuses) == 1 or "STATUS" in self.findings:
            return
        left_behind = [
            leg
            for leg in self.behind()
            if self.overdue(leg.source, self.raised(leg) + self.rules.match_window)
        ]
        if left_behind:
            self.waits.clear()
            self.findings["STATUS"] = {
                "values": {Source(leg.source).label: leg.status for leg in self.legs}
            }

    def raised(self, leg: Leg) -> datetime:
        """When the first event arrived that outranks `leg`."""
        rank = RANK[leg.status]
        return min(event.received_at for event in self.events if RANK[event.status] > rank)

    def judge_unresolved(self) -> None:
        if self.statuses != {PENDING}:
            return
        at = self.first_seen + self.rules.pending_window
        if self.all_overdue(self.rules.expected, at):
            self.findings["UNRESOLVED"] = {
                "values": {Source(leg.source).label: leg.status for leg in self.legs}
            }

    def judge_absent(self) -> bool:
        """Find missing legs where money moved; whether nothing more is to come."""
        here = {leg.source for leg in self.legs}
        absent = [source for source in self.rules.expected if source not in here]
        due = self.first_seen + self.rules.match_window
        if SUCCESS in self.statuses:
            for source in absent:
                if self.overdue(source, due):
                    self.findings[f"MISSING_{source}"] = {"due": due}
            return not absent and not self.behind()
        if PENDING in self.statuses or self.findings:
            return False
        return self.all_overdue(absent, due)
