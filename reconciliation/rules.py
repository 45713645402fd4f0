"""Rule sets as values: windows, tolerances and expected sources, by channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Rules:
    """What one channel's transactions are judged by."""

    expected: tuple[str, ...]
    match_window: timedelta
    pending_window: timedelta
    timestamp_tolerance: timedelta
    amount_tolerance: Decimal
    amount_tolerance_by_currency: Mapping[str, Decimal]

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

    def rules_for(self, channel: str | None) -> Rules:
        return self.default if channel is None else self.channels.get(channel, self.default)
