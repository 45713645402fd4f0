"""Rule sets as values: windows, tolerances and expected sources, by channel.

A rule set is stored, served and loaded as one document, in JSON's types:

    {"default": {"expected": ["core", "gateway", "mobile"],
                 "match_window": 60, "pending_window": 7200, "timestamp_tolerance": 5,
                 "amount_tolerance": "0"},
     "channels": {"ATM": {"expected": ["core", "gateway"],
                          "amount_tolerance": {"default": "0.01", "JPY": "1"}}}}

Times are seconds, a fraction as text ("0.5"); amounts are text. The default
names every key. A channel names those in which it differs and inherits the
others, each key as a whole: a channel's map of amount tolerances replaces the
default's map.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from reconciliation.events import Source

RULE_KEYS = (
    "expected",
    "match_window",
    "pending_window",
    "timestamp_tolerance",
    "amount_tolerance",
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one channel's transactions are judged by.

    `expected` holds values of `Source`, in the order of `Source`.
    """

    expected: tuple[str, ...]
    match_window: timedelta
    pending_window: timedelta
    timestamp_tolerance: timedelta
    amount_tolerance: Decimal
    amount_tolerance_by_currency: Mapping[str, Decimal]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Rules:
        """The rules of a document that names every key."""
        amount = document["amount_tolerance"]
        by_currency = amount if isinstance(amount, Mapping) else {"default": amount}
        return cls(
            expected=_in_order(document["expected"]),
            match_window=_from_seconds(document["match_window"]),
            pending_window=_from_seconds(document["pending_window"]),
            timestamp_tolerance=_from_seconds(document["timestamp_tolerance"]),
            amount_tolerance=Decimal(by_currency["default"]),
            amount_tolerance_by_currency={
                currency: Decimal(tolerance)
                for currency, tolerance in sorted(by_currency.items())
                if currency != "default"
            },
        )

    def to_document(self) -> dict[str, Any]:
        """All keys, each in its one normal form."""
        amount = _shortest(self.amount_tolerance)
        by_currency = {
            currency: _shortest(tolerance)
            for currency, tolerance in sorted(self.amount_tolerance_by_currency.items())
            if tolerance != self.amount_tolerance
        }
        return {
            "expected": [Source(source).label for source in self.expected],
            "match_window": _to_seconds(self.match_window),
            "pending_window": _to_seconds(self.pending_window),
            "timestamp_tolerance": _to_seconds(self.timestamp_tolerance),
            "amount_tolerance": {"default": amount, **by_currency} if by_currency else amount,
        }

    def tolerance_in(self, currency: str) -> Decimal:
        """The accepted difference of amounts, in units of `currency`."""
        return self.amount_tolerance_by_currency.get(currency, self.amount_tolerance)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version: a default and overrides by channel."""

    version: int
    in_force_from: datetime
    default: Rules
    channels: Mapping[str, Rules]

    @classmethod
    def from_document(
        cls, version: int, in_force_from: datetime, document: Mapping[str, Any]
    ) -> RuleSet:
        """The rule set of a document that was validated (see `rule_files`)."""
        default = document["default"]
        return cls(
            version=version,
            in_force_from=in_force_from,
            default=Rules.from_document(default),
            channels={
                channel: Rules.from_document({**default, **overrides})
                for channel, overrides in document["channels"].items()
            },
        )

    def to_document(self) -> dict[str, Any]:
        """The normalised document."""
        return normalised(
            {
                "default": self.default.to_document(),
                "channels": {name: rules.to_document() for name, rules in self.channels.items()},
            }
        )

    def rules_for(self, channel: str | None) -> Rules:
        return self.default if channel is None else self.channels.get(channel, self.default)


def rule_set_at(versions: Sequence[RuleSet], first_seen: datetime) -> RuleSet:
    """The version that judges a transaction first seen at `first_seen`.

    `versions` are at least one, the oldest first. It is the newest that was in
    force by then; the oldest one judges what came before any.
    """
    for rule_set in reversed(versions):
        if rule_set.in_force_from <= first_seen:
            return rule_set
    return versions[0]


def rules_of_settings() -> Rules:
    """The default of rule set 1, and of every later one that does not say otherwise."""
    return Rules(
        expected=tuple(Source.values),
        match_window=timedelta(seconds=settings.RECON_MATCH_WINDOW),
        pending_window=timedelta(seconds=settings.RECON_PENDING_WINDOW),
        timestamp_tolerance=timedelta(seconds=settings.RECON_TIMESTAMP_TOLERANCE),
        amount_tolerance=settings.RECON_AMOUNT_TOLERANCE,
        amount_tolerance_by_currency={},
    )


def normalised(document: Mapping[str, Any]) -> dict[str, Any]:
    """The one document for all that judge alike.

    A channel names only what differs from the default; one that differs in
    nothing is left out.
    """
    default = Rules.from_document(document["default"]).to_document()
    channels = {}
    for channel, overrides in sorted(document["channels"].items()):
        rules = Rules.from_document({**default, **overrides}).to_document()
        if differing := {key: rules[key] for key in RULE_KEYS if rules[key] != default[key]}:
            channels[channel] = differing
    return {"default": default, "channels": channels}


def _in_order(labels: Collection[str]) -> tuple[str, ...]:
    return tuple(source.value for source in Source if source.label in labels)


def _from_seconds(seconds: int | str) -> timedelta:
    # In whole microseconds, for timedelta(seconds=…) takes fractions as floats.
    return timedelta(microseconds=int(Decimal(seconds) * 1_000_000))


def _to_seconds(duration: timedelta) -> int | str:
    microseconds = duration // timedelta(microseconds=1)
    seconds = _shortest(Decimal(microseconds).scaleb(-6))
    return int(seconds) if seconds.isdecimal() else seconds


def _shortest(number: Decimal) -> str:
    """Without an exponent and without zeros that say nothing: 100, 0.05, 0."""
    return f"{number.normalize():f}"
