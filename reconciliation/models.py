"""What is kept: events, verdicts, their journal, and what is still open.

`raw_events` and `result_revisions` are partitioned by month; their tables are
made by SQL in the first migration, so that a unique index over the columns
that matter can stand within each partition.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least

from reconciliation.events import EventStatus, Source, VerdictStatus


class RawEvent(models.Model):
    """One readable Kafka record. Append-only."""

    topic = models.CharField(max_length=249)
    partition = models.IntegerField()
    offset = models.BigIntegerField()
    event_id = models.CharField(max_length=36)
    transaction_id = models.CharField(max_length=64)
    source = models.CharField(max_length=7, choices=Source)
    account_id = models.CharField(max_length=64)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=EventStatus)
    occurred_at = models.DateTimeField()
    channel = models.CharField(max_length=16, null=True)  # noqa: DJ001
    reference = models.CharField(max_length=64, null=True)  # noqa: DJ001
    kafka_timestamp = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "raw_events"
        indexes = [models.Index(fields=["transaction_id"], name="raw_events_transaction")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="raw_events_amount"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="raw_events_source"),
            models.CheckConstraint(
                condition=Q(status__in=EventStatus.values), name="raw_events_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class ReconciliationResult(models.Model):
    """The verdict on one transaction that was ever decided."""

    transaction_id = models.CharField(max_length=64, primary_key=True)
    status = models.CharField(max_length=10, choices=VerdictStatus)
    discrepancies = ArrayField(models.CharField(max_length=15))
    details = models.JSONField()
    legs = models.JSONField()
    channel = models.CharField(max_length=16, null=True)  # noqa: DJ001
    currency = models.CharField(max_length=3)
    amount_at_risk = models.DecimalField(max_digits=38, decimal_places=4)
    rule_set = models.IntegerField()
    revision = models.IntegerField()
    first_seen_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    mismatched_at = models.DateTimeField(null=True)
    healed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "reconciliation_results"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=VerdictStatus.values), name="results_status"
            ),
            models.CheckConstraint(
                condition=Q(status=VerdictStatus.MISMATCHED, discrepancies__len__gt=0)
                | (~Q(status=VerdictStatus.MISMATCHED) & Q(discrepancies__len=0)),
                name="results_discrepancies_when_mismatched",
            ),
            models.CheckConstraint(
                condition=~Q(status=VerdictStatus.MISMATCHED) | Q(mismatched_at__isnull=False),
                name="results_mismatched_at",
            ),
            models.CheckConstraint(condition=Q(amount_at_risk__gte=0), name="results_risk"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="results_revision"),
        ]
        indexes = [
            models.Index(F("updated_at").desc(), F("transaction_id").desc(), name="results_newest"),
            models.Index(
                F("updated_at").desc(),
                F("transaction_id").desc(),
                condition=Q(status=VerdictStatus.MISMATCHED),
                name="results_newest_mismatched",
            ),
            models.Index(
                F("updated_at").desc(),
                F("transaction_id").desc(),
                condition=Q(status=VerdictStatus.IN_FLIGHT),
                name="results_newest_in_flight",
            ),
            models.Index(
                F("amount_at_risk").desc(),
                F("transaction_id").desc(),
                condition=Q(status=VerdictStatus.MISMATCHED),
                name="results_most_at_risk",
            ),
        ]

    def __str__(self) -> str:
        return self.transaction_id


class ResultRevision(models.Model):
    """One change of a verdict: row `n` of its lane's journal. Append-only."""

    lane = models.SmallIntegerField()
    n = models.BigIntegerField()
    transaction_id = models.CharField(max_length=64)
    revision = models.IntegerField()
    status = models.CharField(max_length=10, choices=VerdictStatus)
    discrepancies = ArrayField(models.CharField(max_length=15))
    amount_at_risk = models.DecimalField(max_digits=38, decimal_places=4)
    rule_set = models.IntegerField()
    cause = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        db_table = "result_revisions"
        indexes = [models.Index(fields=["transaction_id"], name="revisions_transaction")]
        constraints = [
            models.CheckConstraint(condition=Q(n__gte=1, revision__gte=1), name="revisions_from_1"),
            models.CheckConstraint(
                condition=Q(status__in=VerdictStatus.values), name="revisions_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id} revision {self.revision}"


class OpenTransaction(models.Model):
    """A transaction whose verdict could change without a new event.

    `due_<source>` is the earliest time at which that source becoming overdue
    could change it; `due` is the earliest of the three.
    """

    transaction_id = models.CharField(max_length=64, primary_key=True)
    lane = models.SmallIntegerField()
    first_seen_at = models.DateTimeField()
    due_core = models.DateTimeField(null=True)
    due_gateway = models.DateTimeField(null=True)
    due_mobile = models.DateTimeField(null=True)
    due = models.GeneratedField(
        expression=Least("due_core", "due_gateway", "due_mobile"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    class Meta:
        db_table = "open_transactions"
        indexes = [models.Index(fields=["lane", "due"], name="open_transactions_lane_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_core__isnull=False)
                | Q(due_gateway__isnull=False)
                | Q(due_mobile__isnull=False),
                name="open_transactions_due",
            )
        ]

    def __str__(self) -> str:
        return self.transaction_id


class Lane(models.Model):
    """The share of all transactions that is judged under one lock.

    `version` is 8 random bytes, new with every commit that changes the lane;
    `n` is the number of the lane's last journal row.
    """

    lane = models.SmallIntegerField(primary_key=True)
    version = models.BinaryField(max_length=8)
    n = models.BigIntegerField(default=0)

    class Meta:
        db_table = "lanes"
        constraints = [models.CheckConstraint(condition=Q(n__gte=0), name="lanes_n")]

    def __str__(self) -> str:
        return str(self.lane)


class Total(models.Model):
    """How many transactions of a lane have this status, and what is at risk in this currency.

    Kept by whoever moves a verdict. The currency of those that were never
    decided is empty.
    """

    pk = models.CompositePrimaryKey("lane", "status", "currency")
    lane = models.SmallIntegerField()
    status = models.CharField(max_length=10, choices=VerdictStatus)
    currency = models.CharField(max_length=3, blank=True)
    transactions = models.BigIntegerField()
    amount_at_risk = models.DecimalField(max_digits=38, decimal_places=4)

    class Meta:
        db_table = "totals"

    def __str__(self) -> str:
        return f"{self.transactions} {self.status} in lane {self.lane}"


class MinuteTally(models.Model):
    """How many transactions of a lane became what in one minute.

    `kind` is `matched`, `mismatched`, `healed`, or a discrepancy: then those
    that had it not told of them before. `minute` is its start.
    """

    pk = models.CompositePrimaryKey("minute", "lane", "kind")
    minute = models.DateTimeField()
    lane = models.SmallIntegerField()
    kind = models.CharField(max_length=15)
    transactions = models.IntegerField()

    class Meta:
        db_table = "minute_tallies"

    def __str__(self) -> str:
        return f"{self.transactions} {self.kind} at {self.minute}"


class RuleSetVersion(models.Model):
    """One version of the rules, in force from a moment until the next one's."""

    version = models.PositiveIntegerField(primary_key=True)
    rules = models.JSONField()
    in_force_from = models.DateTimeField(unique=True)
    note = models.CharField(max_length=200)

    class Meta:
        db_table = "rule_sets"

    def __str__(self) -> str:
        return f"rule set {self.version}"
