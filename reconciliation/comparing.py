"""Compare the legs of one transaction, like with like, and say what it could cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciliation.events import Leg, Source
from reconciliation.folding import FAILED, SUCCESS, Fold
from reconciliation.rules import Rules

# Per discrepancy, what is shown of it; ready for JSON.
Findings = dict[str, dict[str, Any]]

NOTHING = Decimal("0.0000")
FULL_AMOUNT = frozenset(
    {"STATUS", "CURRENCY", "ACCOUNT", "UNRESOLVED", "MISSING_CORE", "MISSING_GATEWAY"}
)


def compare(folded: Fold, rules: Rules) -> Findings:
    """The discrepancies that need no clock: all but the missing, the unresolved and the behind."""
    findings: Findings = {}
    legs = folded.legs
    if folded.duplicates:
        findings["DUPLICATE"] = {
            "values": {
                Source(source).label: contents for source, contents in folded.duplicates.items()
            },
            "extra_postings": folded.extra_postings,
        }
    if len(legs) < 2:
        return findings
    if len({leg.account_id for leg in legs}) > 1:
        findings["ACCOUNT"] = {"values": _by_source(legs, "account_id")}
    statuses = {leg.status for leg in legs}
    if SUCCESS in statuses and FAILED in statuses:
        findings["STATUS"] = {"values": _by_source(legs, "status")}
    alike = legs_of_one_status(legs)
    if alike:
        _compare_money(alike, rules, findings)
        _compare_times(alike, rules, findings)
    return findings


def legs_of_one_status(legs: Sequence[Leg]) -> list[Leg]:
    """The legs that share a status, failed ones left out; of three legs at most one such group."""
    for status in (legs[0].status, legs[1].status):
        if status != FAILED:
            alike = [leg for leg in legs if leg.status == status]
            if len(alike) > 1:
                return alike
    return []


def _compare_money(alike: Sequence[Leg], rules: Rules, findings: Findings) -> None:
    if len({leg.currency for leg in alike}) > 1:
        findings["CURRENCY"] = {"values": _by_source(alike, "currency")}
        return
    amounts = [leg.amount for leg in alike]
    difference = max(amounts) - min(amounts)
    if not difference:
        return
    tolerance = rules.tolerance_in(alike[0].currency)
    if difference > tolerance:
        findings["AMOUNT"] = {
            "values": _by_source(alike, "amount"),
            "difference": difference,
            "tolerance": tolerance,
        }


def _compare_times(alike: Sequence[Leg], rules: Rules, findings: Findings) -> None:
    times = [leg.occurred_at for leg in alike]
    difference = max(times) - min(times)
    if difference > rules.timestamp_tolerance:
        findings["TIMESTAMP"] = {
            "values": _by_source(alike, "occurred_at"),
            "difference": str(difference.total_seconds()),
            "tolerance": str(rules.timestamp_tolerance.total_seconds()),
        }


def _by_source(legs: Sequence[Leg], field: str) -> dict[str, Any]:
    return {Source(leg.source).label: getattr(leg, field) for leg in legs}


def currency_of(legs: Sequence[Leg]) -> str:
    """The currency in which a transaction is told: that of its first leg that did not fail."""
    for leg in legs:
        if leg.status != FAILED:
            return leg.currency
    return legs[0].currency


def amount_at_risk(folded: Fold, findings: Mapping[str, Mapping[str, Any]]) -> Decimal:
    """What the disagreement can cost, in `currency_of` the legs; of several findings the largest.

    A leg in another currency does not tell an amount in this one.
    """
    currency = currency_of(folded.legs)
    full = max(
        (leg.amount for leg in folded.legs if leg.status != FAILED and leg.currency == currency),
        default=NOTHING,
    )
    at_risk = NOTHING
    for discrepancy, finding in findings.items():
        if discrepancy in FULL_AMOUNT:
            at_risk = max(at_risk, full)
        elif discrepancy == "AMOUNT":
            at_risk = max(at_risk, finding["difference"])
        elif discrepancy == "DUPLICATE":
            at_risk = max(at_risk, full * folded.extra_postings)
    return at_risk
