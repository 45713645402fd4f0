"""The naive reference: section 4 of the contract, sentence by sentence.

Slow and obvious on purpose, and apart from `matching`: what judges every
verdict must not share its mistakes. Each rule quotes its sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import TypeAlias

from reconciliation.events import Event, Leg
from reconciliation.feeds import Feeds
from reconciliation.rules import Rules, RuleSet

SOURCES = ("CORE", "GATEWAY", "MOBILE")
FINAL = frozenset({"SUCCESS", "FAILED", "REVERSED"})
# "Ranks: PENDING 0, SUCCESS and FAILED 1, REVERSED 2."
RANKS = {"PENDING": 0, "SUCCESS": 1, "FAILED": 1, "REVERSED": 2}
TICK = timedelta(microseconds=1)

Content: TypeAlias = tuple[str, str, Decimal, str, str, datetime]


@dataclass(frozen=True, slots=True)
class NaiveVerdict:
    """What the text says of one transaction.

    `status` is "matched", "mismatched" or "in_flight"; `discrepancies` is
    empty unless mismatched; `amount_at_risk` is in `currency`.
    """

    status: str
    discrepancies: frozenset[str]
    amount_at_risk: Decimal
    currency: str
    channel: str | None


def naive_verdict(events: Iterable[Event], rule_set: RuleSet, feeds: Feeds) -> NaiveVerdict:
    """Judge one transaction by all its events (at least one), in any order.

    `rule_set` is the version that was in force when the transaction was first seen.
    """
    told = tuple(events)
    legs = legs_of(told)
    rules = rules_of(legs, rule_set)
    found = frozenset(
        (duplicates(told) | compared(legs, rules))
        | status_discrepancy(told, legs, rules, feeds)
        | unresolved(told, legs, rules, feeds)
        | missing(told, legs, rules, feeds)
    )
    # "Any discrepancy → mismatched, at once." "Else in flight."
    settled = "matched" if complete(told, legs, rules, feeds) else "in_flight"
    return NaiveVerdict(
        status="mismatched" if found else settled,
        discrepancies=found,
        amount_at_risk=amount_at_risk(told, legs, found),
        currency=(counted_at_risk(legs) or legs)[0].currency,
        channel=channel_of(legs),
    )


def next_change_times(events: Iterable[Event], rule_set: RuleSet) -> set[tuple[str, datetime]]:
    """Each (source, time): that source becoming overdue then can change the verdict.

    "Can": for some reading of the other sources (nothing at all, or
    everything). Every time in the text is a `received_at` plus a window.
    """
    told = tuple(events)
    rules = rules_of(legs_of(told), rule_set)
    windows = {rules.match_window, rules.pending_window}
    times = {event.received_at + window for event in told for window in windows}
    changes = set()
    for source, at in product(SOURCES, times):
        others = [other for other in SOURCES if other != source]
        for read in product((min(times) - TICK, max(times)), repeat=len(others)):
            rest = dict(zip(others, read, strict=True))
            before = naive_verdict(told, rule_set, Feeds({**rest, source: at - TICK}))
            after = naive_verdict(told, rule_set, Feeds({**rest, source: at}))
            if before != after:
                changes.add((source, at))
    return changes


# Rules


def channel_of(legs: Sequence[Leg]) -> str | None:
    # "The transaction's channel is that of the first leg that has one, in the order
    # core, gateway, mobile."
    return next((leg.channel for leg in legs if leg.channel is not None), None)


def rules_of(legs: Sequence[Leg], rule_set: RuleSet) -> Rules:
    # "A rule set has a default and overrides by channel."
    channel = channel_of(legs)
    if channel is None or channel not in rule_set.channels:
        return rule_set.default
    return rule_set.channels[channel]


def first_seen(events: Sequence[Event]) -> datetime:
    # "First seen is the smallest `received_at` of its events."
    return min(event.received_at for event in events)


def overdue(source: str, at: datetime, rules: Rules, feeds: Feeds) -> bool:
    # "Everything that this source had published before t has been read."
    #
    # "A source is not overdue at any time between an incident's opening and its
    # end until it has been read to its end + match window."
    if source not in feeds.read_until:
        return False
    read_until = feeds.read_until[source]
    ends = [
        hold.ended_at
        for hold in feeds.holds
        if hold.source == source
        and hold.opened_at <= at
        and (hold.ended_at is None or at <= hold.ended_at)
    ]
    released = all(end is not None and end + rules.match_window <= read_until for end in ends)
    return at <= read_until and released


# Fold events into a leg


def content(event: Event) -> Content:
    # "An event's content is source, account, amount, currency, status and `occurred_at`."
    return (
        event.source,
        event.account_id,
        event.amount,
        event.currency,
        event.status,
        event.occurred_at,
    )


def legs_of(events: Sequence[Event]) -> list[Leg]:
    """One leg for each source that told something, in the order core, gateway, mobile."""
    by_source = [[event for event in events if event.source == source] for source in SOURCES]
    return [leg_of(told) for told in by_source if told]


def leg_of(events: Sequence[Event]) -> Leg:
    # "The effective event is the greatest by (rank, `occurred_at`, smallest `event_id`
    # of that content, then status, amount, currency, account)."

    def greatness(event: Event) -> tuple[int, datetime, str, str, Decimal, str, str]:
        return (
            RANKS[event.status],
            event.occurred_at,
            min(other.event_id for other in events if content(other) == content(event)),
            event.status,
            event.amount,
            event.currency,
            event.account_id,
        )

    effective = max(events, key=greatness)
    return Leg(
        # "The leg takes amount, currency, account and status from it;"
        source=effective.source,
        status=effective.status,
        amount=effective.amount,
        currency=effective.currency,
        account_id=effective.account_id,
        # "its time is the earliest `occurred_at` among its events of that status;"
        occurred_at=min(e.occurred_at for e in events if e.status == effective.status),
        # "its channel and reference are the smallest non-null ones among its events."
        channel=min((e.channel for e in events if e.channel is not None), default=None),
        reference=min((e.reference for e in events if e.reference is not None), default=None),
    )


def duplicates(events: Sequence[Event]) -> set[str]:
    # "DUPLICATE: one source tells the same final status with two contents (a second
    # posting), or uses one `event_id` for two contents; looked for within one
    # transaction, also when only one leg is there."
    reused = any(
        one.source == other.source
        and one.event_id == other.event_id
        and content(one) != content(other)
        for one, other in product(events, repeat=2)
    )
    return {"DUPLICATE"} if extra_postings(events) > 0 or reused else set()


def extra_postings(events: Sequence[Event]) -> int:
    """How often a source told a final status with one more content than it needs.

    "Redeliveries and re-sends count once."
    """
    contents = {content(event) for event in events if event.status in FINAL}
    return len(contents) - len({(source, status) for source, _, _, _, status, _ in contents})


# Compare


def like_with_like(legs: Sequence[Leg]) -> list[list[Leg]]:
    # "Among the legs of one status, FAILED ones left out": the groups of two and more.
    groups = [[leg for leg in legs if leg.status == status] for status in RANKS]
    return [group for group in groups if len(group) > 1 and group[0].status != "FAILED"]


def difference(group: Sequence[Leg]) -> Decimal:
    # "max - min of amounts"
    return max(leg.amount for leg in group) - min(leg.amount for leg in group)


def compared(legs: Sequence[Leg], rules: Rules) -> set[str]:
    """CURRENCY, AMOUNT, TIMESTAMP and ACCOUNT, "as soon as two legs are there"."""
    found = set()
    for group in like_with_like(legs):
        currency = group[0].currency
        tolerance = rules.amount_tolerance
        if currency in rules.amount_tolerance_by_currency:
            tolerance = rules.amount_tolerance_by_currency[currency]
        # "currencies not all equal → CURRENCY;"
        if any(leg.currency != currency for leg in group):
            found.add("CURRENCY")
        # "else max - min of amounts > amount tolerance → AMOUNT."
        elif difference(group) > tolerance:
            found.add("AMOUNT")
        # "max - min of leg times > timestamp tolerance."
        times = [leg.occurred_at for leg in group]
        if max(times) - min(times) > rules.timestamp_tolerance:
            found.add("TIMESTAMP")
    # "ACCOUNT: not all equal, over all legs."
    if any(leg.account_id != legs[0].account_id for leg in legs):
        found.add("ACCOUNT")
    return found


def behind(leg: Leg, legs: Sequence[Leg]) -> bool:
    # "PENDING beside a final status, SUCCESS beside REVERSED"
    statuses = {other.status for other in legs}
    pending_beside_final = leg.status == "PENDING" and bool(statuses & FINAL)
    success_beside_reversed = leg.status == "SUCCESS" and "REVERSED" in statuses
    return pending_beside_final or success_beside_reversed


def status_discrepancy(
    events: Sequence[Event], legs: Sequence[Leg], rules: Rules, feeds: Feeds
) -> set[str]:
    # "STATUS: different outcomes side by side."
    # "SUCCESS beside FAILED: at once."
    if {"SUCCESS", "FAILED"} <= {leg.status for leg in legs}:
        return {"STATUS"}
    for leg in legs:
        if behind(leg, legs):
            # "raised is the earliest `received_at` of an event that outranks that leg."
            raised = min(e.received_at for e in events if RANKS[e.status] > RANKS[leg.status])
            # "A leg that is behind: when its own source is overdue at raised + match window."
            if overdue(leg.source, raised + rules.match_window, rules, feeds):
                return {"STATUS"}
    # "FAILED beside REVERSED agree: the money is where it was."
    return set()


# Without a second leg, too


def unresolved(
    events: Sequence[Event], legs: Sequence[Leg], rules: Rules, feeds: Feeds
) -> set[str]:
    # "UNRESOLVED: every leg is PENDING and every expected source is overdue at
    # first seen + pending window."
    at = first_seen(events) + rules.pending_window
    nobody_knows = all(leg.status == "PENDING" for leg in legs)
    nobody_will_tell = all(overdue(source, at, rules, feeds) for source in rules.expected)
    return {"UNRESOLVED"} if nobody_knows and nobody_will_tell else set()


def missing(events: Sequence[Event], legs: Sequence[Leg], rules: Rules, feeds: Feeds) -> set[str]:
    # "MISSING_<SOURCE>: some leg's status is SUCCESS (money moved), and an expected
    # source has no leg and is overdue at due. Where nothing moved nothing is missing."
    due = first_seen(events) + rules.match_window
    if all(leg.status != "SUCCESS" for leg in legs):
        return set()
    absent = set(rules.expected) - {leg.source for leg in legs}
    return {f"MISSING_{source}" for source in absent if overdue(source, due, rules, feeds)}


# Decide


def complete(events: Sequence[Event], legs: Sequence[Leg], rules: Rules, feeds: Feeds) -> bool:
    # "All legs final, none behind, and each expected source either has a leg or
    # (nothing moved) is overdue at due."
    due = first_seen(events) + rules.match_window
    nothing_moved = all(leg.status != "SUCCESS" for leg in legs)
    heard = {leg.source for leg in legs}
    return (
        all(leg.status in FINAL for leg in legs)
        and not any(behind(leg, legs) for leg in legs)
        and all(
            source in heard or (nothing_moved and overdue(source, due, rules, feeds))
            for source in rules.expected
        )
    )


# Amount at risk


def counted_at_risk(legs: Sequence[Leg]) -> list[Leg]:
    # "FAILED ones left out"
    return [leg for leg in legs if leg.status != "FAILED"]


def amount_at_risk(events: Sequence[Event], legs: Sequence[Leg], found: frozenset[str]) -> Decimal:
    # "Of the largest leg, FAILED ones left out, in the currency of the first such leg."
    counted = counted_at_risk(legs)
    if not counted:
        return Decimal(0)
    # A number in another currency is not an amount in this one.
    full = max(leg.amount for leg in counted if leg.currency == counted[0].currency)
    at_risk = {
        # "the largest difference for AMOUNT;"
        "AMOUNT": max((difference(group) for group in like_with_like(legs)), default=Decimal(0)),
        # "the full amount for STATUS, CURRENCY, ACCOUNT, UNRESOLVED, MISSING_CORE,
        # MISSING_GATEWAY;"
        "STATUS": full,
        "CURRENCY": full,
        "ACCOUNT": full,
        "UNRESOLVED": full,
        "MISSING_CORE": full,
        "MISSING_GATEWAY": full,
        # "the full amount times the extra postings for DUPLICATE;"
        "DUPLICATE": full * extra_postings(events),
        # "nothing for TIMESTAMP or MISSING_MOBILE alone;"
        "TIMESTAMP": Decimal(0),
        "MISSING_MOBILE": Decimal(0),
    }
    # "of several the largest."
    return max((at_risk[name] for name in found), default=Decimal(0))
