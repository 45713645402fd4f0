"""The frozen values that everything here speaks: events, legs, verdicts.

No database, clock or settings: these are what `matching` takes and gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices


class Source(TextChoices):
    """A system that reports transactions, in the order in which sources are always told."""

    CORE = "CORE", "core"
    GATEWAY = "GATEWAY", "gateway"
    MOBILE = "MOBILE", "mobile"


class EventStatus(TextChoices):
    """What a source says has become of the money."""

    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    REVERSED = "REVERSED"


class VerdictStatus(TextChoices):
    """`IN_FLIGHT` is stored only for a transaction that was decided and then opened again."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    IN_FLIGHT = "in_flight"


class Discrepancy(TextChoices):
    """One way in which legs disagree."""

    ACCOUNT = "ACCOUNT"
    AMOUNT = "AMOUNT"
    CURRENCY = "CURRENCY"
    DUPLICATE = "DUPLICATE"
    MISSING_CORE = "MISSING_CORE"
    MISSING_GATEWAY = "MISSING_GATEWAY"
    MISSING_MOBILE = "MISSING_MOBILE"
    STATUS = "STATUS"
    TIMESTAMP = "TIMESTAMP"
    UNRESOLVED = "UNRESOLVED"


class Event(NamedTuple):
    """One readable Kafka record; its fields are the columns of `raw_events`, in this order.

    A named tuple, for a worker makes tens of thousands a second and writes
    each one as it stands. `source` and `status` are values of `Source` and
    `EventStatus`; `kafka_timestamp` is None where the record carries none;
    `received_at` is PostgreSQL's clock when the record was stored.
    """

    topic: str
    partition: int
    offset: int
    event_id: str
    transaction_id: str
    source: str
    account_id: str
    amount: Decimal
    currency: str
    status: str
    occurred_at: datetime
    channel: str | None
    reference: str | None
    kafka_timestamp: datetime | None
    received_at: datetime


class Leg(NamedTuple):
    """What one source says about one transaction: the fold of its events."""

    source: str
    status: str
    amount: Decimal
    currency: str
    account_id: str
    occurred_at: datetime
    channel: str | None
    reference: str | None


class Verdict(NamedTuple):
    """The judgement over a transaction's legs.

    `discrepancies` is sorted and empty unless the status is mismatched;
    `details` tells, per discrepancy, the values by source, the difference and
    the tolerance, ready for JSON; `amount_at_risk` is in `currency`.
    """

    status: VerdictStatus
    discrepancies: tuple[str, ...]
    details: Mapping[str, object]
    legs: tuple[Leg, ...]
    channel: str | None
    currency: str
    amount_at_risk: Decimal


class Judgement(NamedTuple):
    """A verdict, and what could change it without another event.

    `waits` maps a source to the earliest time at which that source becoming
    overdue could change the verdict; empty when only an event can.
    """

    verdict: Verdict
    first_seen_at: datetime
    waits: Mapping[str, datetime]
