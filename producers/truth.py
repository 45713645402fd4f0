"""The truth file: what really was injected.

JSON lines, one for each transaction that this producer told of or that
carries a fault, in order:

transaction_id     as in the events
channel            UPI, CARD, ATM or BRANCH
outcome            the status that the transaction truly ended in
source             whose file this is: CORE, GATEWAY or MOBILE
published          the statuses that this source published, in order, with
                   repetitions; without unreadable records
fault              null, or account, amount, currency, duplicate, late, missing,
                   status, time or unreadable
guilty             null, or the source that commits the fault
expected           the discrepancies at rest, sorted
expected_meanwhile null, or, where a source is late, the discrepancies from due
                   until it arrives
dead_letters       the reason codes of the dead letters in the guilty source's
                   topic that this transaction yields

The files of one seed and fault rate differ in `source` and `published`
alone. What is expected holds under rules by channel that expect the sources
of `producers.scenario.CHANNELS`, once all three producers have published the
transaction and everything is overdue.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from producers.scenario import FaultKind, Transaction
from producers.telling import Telling
from producers.unreadable import spoiling

_NAMES = {
    FaultKind.ACCOUNT: "ACCOUNT",
    FaultKind.AMOUNT: "AMOUNT",
    FaultKind.CURRENCY: "CURRENCY",
    FaultKind.DUPLICATE: "DUPLICATE",
    FaultKind.STATUS: "STATUS",
    FaultKind.TIME: "TIMESTAMP",
}


def expected(transaction: Transaction) -> list[str]:
    """The discrepancies of a transaction at rest, sorted."""
    fault = transaction.fault
    if fault is None:
        return []
    if fault.kind is FaultKind.MISSING:
        return [f"MISSING_{fault.source}"]
    return [_NAMES[fault.kind]] if fault.kind in _NAMES else []


def expected_meanwhile(transaction: Transaction) -> list[str] | None:
    """The discrepancies from due until the late source arrives; None where none is late."""
    fault = transaction.fault
    if fault is None or fault.kind is not FaultKind.LATE:
        return None
    return [f"MISSING_{fault.source}"]


def dead_letters(transaction: Transaction) -> list[str]:
    """The reason codes of the dead letters that a transaction yields."""
    fault = transaction.fault
    if fault is None or fault.kind is not FaultKind.UNREADABLE:
        return []
    return [spoiling(fault.size).reason]


def line(transaction: Transaction, source: str, told: Sequence[Telling]) -> bytes:
    """The line of `source`'s truth file for a transaction of which it tells `told`."""
    fault = transaction.fault
    truth = {
        "transaction_id": transaction.transaction_id,
        "channel": transaction.channel.name,
        "outcome": transaction.outcome,
        "source": source,
        "published": [telling.event.status for telling in told if telling.spoiling is None],
        "fault": None if fault is None else fault.kind,
        "guilty": None if fault is None else fault.source,
        "expected": expected(transaction),
        "expected_meanwhile": expected_meanwhile(transaction),
        "dead_letters": dead_letters(transaction),
    }
    return orjson.dumps(truth, option=orjson.OPT_APPEND_NEWLINE)
