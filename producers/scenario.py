"""What really happened, by seed.

Everything about transaction i follows from (seed, i): its channel, money,
course and outcome, and the fault that one source commits on it. Producers
that share nothing but a seed therefore speak of the same transactions, and
each knows which faults are its own. The fault rate decides how many
transactions carry a fault and changes nothing else about them.

No transaction without a fault yields a discrepancy under rules by channel
that expect the sources which `CHANNELS` names. That holds for pre-authorised
cards, declined and reversed transactions, redeliveries and re-sends, too.
"""

from __future__ import annotations

import struct
from bisect import bisect
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from functools import cache
from hashlib import blake2b
from itertools import accumulate
from math import exp, log
from statistics import NormalDist
from typing import NamedTuple

SOURCES = ("CORE", "GATEWAY", "MOBILE")

ACCOUNTS = 50_000
AMOUNT_SPREAD = 1.2
"""Standard deviation of an amount's logarithm: most are small, a few are very large."""


class Status(StrEnum):
    """What a source says has become of the money."""

    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    REVERSED = "REVERSED"


class Channel(NamedTuple):
    """A rail, its share of all transactions, and the sources that tell of it."""

    name: str
    share: float
    sources: tuple[str, ...]


CHANNELS = (
    Channel("UPI", 0.55, SOURCES),
    Channel("CARD", 0.30, SOURCES),
    Channel("ATM", 0.10, ("CORE", "GATEWAY")),
    Channel("BRANCH", 0.05, ("CORE",)),
)


class Currency(NamedTuple):
    """`unit` is the smallest amount that can be paid; `median` the amount in the middle."""

    code: str
    share: float
    unit: Decimal
    median: float


CURRENCIES = (
    Currency("INR", 0.40, Decimal("0.01"), 1500),
    Currency("EUR", 0.22, Decimal("0.01"), 45),
    Currency("USD", 0.18, Decimal("0.01"), 50),
    Currency("GBP", 0.10, Decimal("0.01"), 40),
    Currency("JPY", 0.06, Decimal("1"), 5000),
    Currency("KWD", 0.04, Decimal("0.001"), 15),
)

OUTCOMES = ((Status.SUCCESS, 0.93), (Status.FAILED, 0.05), (Status.REVERSED, 0.02))


def _bounds(shares: Iterable[float]) -> list[float]:
    """Upper bounds of all shares but the last, for `bisect`."""
    return list(accumulate(shares))[:-1]


_CHANNEL_BOUNDS = _bounds(channel.share for channel in CHANNELS)
_CURRENCY_BOUNDS = _bounds(currency.share for currency in CURRENCIES)
_OUTCOME_BOUNDS = _bounds(share for _, share in OUTCOMES)


class FaultKind(StrEnum):
    """What a source can do wrong. The values are the names in the truth file."""

    ACCOUNT = "account"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUPLICATE = "duplicate"
    LATE = "late"
    MISSING = "missing"
    STATUS = "status"
    TIME = "time"
    UNREADABLE = "unreadable"


class Fault(NamedTuple):
    """`source` is the guilty one; `size`, between 0 and 1, is how much or which."""

    kind: FaultKind
    source: str
    size: float


class Step(NamedTuple):
    """One stage of a transaction, `after` seconds from its beginning."""

    after: float
    status: Status
    amount: Decimal


class Transaction(NamedTuple):
    """What really happened. `outcome` is the status of the last step."""

    seed: int
    number: int
    transaction_id: str
    channel: Channel
    outcome: Status
    account_id: str
    currency: Currency
    reference: str
    steps: tuple[Step, ...]
    fault: Fault | None

    def fault_of(self, source: str) -> Fault | None:
        """The fault that this source commits."""
        return self.fault if self.fault is not None and self.fault.source == source else None


def draws(name: str, count: int) -> list[float]:
    """Up to 16 numbers between 0 and 1, both excluded: for a name the same on every machine."""
    digest = blake2b(name.encode(), digest_size=4 * count).digest()
    return [(word + 0.5) / 2**32 for word in struct.unpack(f"<{count}I", digest)]


def transaction(*, seed: int, number: int, fault_rate: float) -> Transaction:
    """Transaction `number`, from 0, of this seed."""
    rail, end, holder, money, slip, hold, wait, undo, faulty, kind, guilty, size = draws(
        f"{seed}/{number}", 12
    )
    channel = CHANNELS[bisect(_CHANNEL_BOUNDS, rail)]
    outcome = OUTCOMES[bisect(_OUTCOME_BOUNDS, end)][0]
    account_id, currency = _account(int(ACCOUNTS**holder))
    amount = _amount(money, currency)
    fault = None
    if faulty < fault_rate:
        fault = _fault(channel, outcome, kind, guilty, size)
    return Transaction(
        seed=seed,
        number=number,
        transaction_id=f"TXN-{seed}-{number:09d}",
        channel=channel,
        outcome=outcome,
        account_id=account_id,
        currency=currency,
        reference=f"{int(slip * 10**12):012d}",
        steps=_steps(channel, outcome, currency, amount, hold, wait, undo),
        fault=fault,
    )


@cache
def _account(rank: int) -> tuple[str, Currency]:
    """The number of an account and the currency that it is kept in.

    Rank r is drawn r times less often than rank 1: a few accounts are very
    busy. The multipliers scatter neighbours.
    """
    number = rank * 2_654_435_761 % 10**10
    currency = CURRENCIES[bisect(_CURRENCY_BOUNDS, rank * 0.618034 % 1)]
    return f"AC{number:010d}", currency


def _amount(draw: float, currency: Currency) -> Decimal:
    amount = exp(log(currency.median) + AMOUNT_SPREAD * _NORMAL.inv_cdf(draw))
    return max(Decimal(amount).quantize(currency.unit), currency.unit)


_NORMAL = NormalDist()


def _steps(
    channel: Channel,
    outcome: Status,
    currency: Currency,
    amount: Decimal,
    hold: float,
    wait: float,
    undo: float,
) -> tuple[Step, ...]:
    """A card is pre-authorised first, half of the time for more than is taken in the end."""
    steps = []
    after = 0.0
    if channel.name == "CARD":
        held = amount if hold < 0.5 else (amount * Decimal("1.2")).quantize(currency.unit)
        steps.append(Step(0.0, Status.PENDING, held))
        after = 1 + 2 * wait
    if outcome is Status.REVERSED:
        steps.append(Step(after, Status.SUCCESS, amount))
        after += 2 + 6 * undo
    steps.append(Step(after, outcome, amount))
    return tuple(steps)


@cache
def possible_faults(channel: Channel, outcome: Status) -> tuple[FaultKind, ...]:
    """The faults that reconciliation must notice on such a transaction.

    To disagree takes two sources; amount, currency and time are not compared
    where the money did not move at all; nothing is missed unless it moved for
    good.
    """
    kinds = [FaultKind.DUPLICATE, FaultKind.UNREADABLE]
    if len(channel.sources) > 1:
        kinds += [FaultKind.ACCOUNT, FaultKind.STATUS]
        if outcome is not Status.FAILED:
            kinds += [FaultKind.AMOUNT, FaultKind.CURRENCY, FaultKind.TIME]
        if outcome is Status.SUCCESS:
            kinds += [FaultKind.LATE, FaultKind.MISSING]
    return tuple(kinds)


def _fault(channel: Channel, outcome: Status, kind: float, guilty: float, size: float) -> Fault:
    kinds = possible_faults(channel, outcome)
    return Fault(
        kinds[int(kind * len(kinds))],
        channel.sources[int(guilty * len(channel.sources))],
        size,
    )
