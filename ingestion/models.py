"""How far Kafka has been read, and what could not be read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ingestion.decoding import Reason


class KafkaOffset(models.Model):
    """How far one partition has been read; moved in the transaction that stores its records.

    `records` counts those between `first_offset` and `next_offset`: offsets
    alone cannot, for transaction markers and aborted records leave gaps.
    Everything that was appended before `read_until` has been read. `dead_letters`
    of them were not readable and have not been replayed since.
    """

    topic = models.CharField(max_length=249)
    partition = models.IntegerField()
    first_offset = models.BigIntegerField()
    next_offset = models.BigIntegerField()
    records = models.BigIntegerField(default=0)
    dead_letters = models.BigIntegerField(default=0)
    last_record_at = models.DateTimeField(null=True)
    read_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "kafka_offsets"
        constraints = [
            models.UniqueConstraint(fields=["topic", "partition"], name="kafka_offsets_partition"),
            models.CheckConstraint(
                condition=Q(next_offset__gte=F("first_offset")), name="kafka_offsets_forward"
            ),
            models.CheckConstraint(
                condition=Q(records__gte=0) & Q(records__lte=F("next_offset") - F("first_offset")),
                name="kafka_offsets_records",
            ),
            models.CheckConstraint(
                condition=Q(dead_letters__gte=0) & Q(dead_letters__lte=F("records")),
                name="kafka_offsets_dead_letters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


class DeadLetter(models.Model):
    """A Kafka record that can never become an event, kept with its bytes."""

    topic = models.CharField(max_length=249)
    partition = models.IntegerField()
    offset = models.BigIntegerField()
    key = models.BinaryField(null=True)
    value = models.BinaryField(null=True)
    headers = ArrayField(ArrayField(models.BinaryField(null=True), size=2), null=True)
    reason = models.CharField(max_length=20, choices=Reason)
    detail = models.CharField(max_length=500)
    kafka_timestamp = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "dead_letters"
        indexes = [
            models.Index(F("received_at").desc(), F("id").desc(), name="dead_letters_newest")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "partition", "offset"], name="dead_letters_record"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="dead_letters_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"
