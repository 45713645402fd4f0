"""What one source says about a transaction: the truth, or with the fault that it commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from producers.scenario import (
    CURRENCIES,
    Fault,
    FaultKind,
    Status,
    Step,
    Transaction,
    draws,
)
from producers.unreadable import Spoiling, spoiling

REDELIVERED = 0.005
RESENT = 0.005
"""Shares of transactions of which a source tells an event again: by the same id, by a new one."""

LAGS = {"CORE": (0.02, 0.10), "GATEWAY": (0.05, 0.25), "MOBILE": (0.10, 0.50)}
"""Least and greatest seconds from what happened until the source publishes it."""

SECOND_POSTING = 2.0
"""Seconds from a posting to its duplicate."""


class Event(NamedTuple):
    """The fields of `schemas/transaction_event.avsc`, in its order."""

    event_id: str
    transaction_id: str
    source: str
    account_id: str
    amount: Decimal
    currency: str
    status: str
    occurred_at: datetime
    channel: str
    reference: str


class Telling(NamedTuple):
    """One record to publish, `at` seconds after the start of the scenario.

    Where `spoiling` is set, the record is the event spoilt by it and can
    never be read.
    """

    at: float
    event: Event
    spoiling: Spoiling | None = None


def tell(
    transaction: Transaction, source: str, *, start_at: datetime, begins: float, late_after: float
) -> list[Telling]:
    """All that `source` publishes about `transaction`, in the order of publishing.

    `begins` is when the transaction happens, in seconds after `start_at`;
    `late_after` how many seconds a late source is late, infinity for last of
    all.
    """
    fault = transaction.fault_of(source)
    if source not in transaction.channel.sources:
        return []
    if fault is not None and fault.kind is FaultKind.MISSING:
        return []
    delay, again, which, pause = draws(f"{transaction.seed}/{transaction.number}/{source}", 4)
    least, greatest = LAGS[source]
    lag = least + delay * (greatest - least)
    told = []
    for n, step in enumerate(_steps(transaction, fault)):
        occurred_at = start_at + timedelta(seconds=begins + step.after + lag / 2)
        event = _event(transaction, source, step, occurred_at, _event_id(transaction, source, n))
        told.append(Telling(begins + step.after + lag, _with_fault(event, fault)))
    last = told[-1]
    if again < REDELIVERED + RESENT:
        told.append(_again(transaction, told[int(which * len(told))], again >= REDELIVERED, pause))
    if fault is not None:
        told += _besides(transaction, last, fault)
        if fault.kind is FaultKind.LATE:
            told = [telling._replace(at=telling.at + late_after) for telling in told]
    return sorted(told, key=lambda telling: telling.at)


def _event(
    transaction: Transaction, source: str, step: Step, occurred_at: datetime, event_id: str
) -> Event:
    return Event(
        event_id=event_id,
        transaction_id=transaction.transaction_id,
        source=source,
        account_id=transaction.account_id,
        amount=step.amount,
        currency=transaction.currency.code,
        status=step.status.value,
        occurred_at=occurred_at,
        channel=transaction.channel.name,
        reference=transaction.reference,
    )


def _event_id(transaction: Transaction, source: str, n: int | str) -> str:
    """The id of the source's nth event: a canonical UUID that looks random (version 4)."""
    name = f"{transaction.seed}/{transaction.number}/{source}/{n}"
    digits = blake2b(name.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _steps(transaction: Transaction, fault: Fault | None) -> tuple[Step, ...]:
    """The steps as the source tells them.

    With a wrong status the end is the opposite one; the end of a reversed
    transaction is not told at all, for FAILED would agree with it.
    """
    steps = transaction.steps
    if fault is None or fault.kind is not FaultKind.STATUS:
        return steps
    if transaction.outcome is Status.REVERSED:
        return steps[:-1]
    wrong = Status.FAILED if transaction.outcome is Status.SUCCESS else Status.SUCCESS
    return (*steps[:-1], steps[-1]._replace(status=wrong))


def _with_fault(event: Event, fault: Fault | None) -> Event:
    """The event with the source's wrong account, amount, currency or clock.

    Amounts are wrong by 10 to 1,000 units of the currency, clocks by 10 to
    300 seconds: more than any sensible tolerance.
    """
    if fault is None:
        return event
    match fault.kind:
        case FaultKind.ACCOUNT:
            digit = (int(event.account_id[-1]) + 1) % 10
            return event._replace(account_id=f"{event.account_id[:-1]}{digit}")
        case FaultKind.AMOUNT:
            return event._replace(amount=event.amount + 10 + int(fault.size * 991))
        case FaultKind.CURRENCY:
            others = [currency.code for currency in CURRENCIES if currency.code != event.currency]
            return event._replace(currency=others[int(fault.size * len(others))])
        case FaultKind.TIME:
            slow = timedelta(seconds=10 + fault.size * 290)
            return event._replace(occurred_at=event.occurred_at - slow)
        case _:
            return event


def _again(transaction: Transaction, telling: Telling, resent: bool, pause: float) -> Telling:
    """The same content within 3 seconds, under a new event id when `resent`."""
    event = telling.event
    if resent:
        event = event._replace(event_id=_event_id(transaction, event.source, "resent"))
    return Telling(telling.at + 3 * pause, event)


def _besides(transaction: Transaction, last: Telling, fault: Fault) -> list[Telling]:
    """What a faulty source publishes in addition to its `last` event."""
    event = last.event
    more = event._replace(event_id=_event_id(transaction, event.source, fault.kind.value))
    if fault.kind is FaultKind.DUPLICATE:
        later = event.occurred_at + timedelta(seconds=SECOND_POSTING)
        return [Telling(last.at + SECOND_POSTING, more._replace(occurred_at=later))]
    if fault.kind is FaultKind.UNREADABLE:
        return [Telling(last.at, more, spoiling(fault.size))]
    return []
