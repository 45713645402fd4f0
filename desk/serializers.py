"""What the API gives, shape by shape. Amounts are strings, times RFC 3339 in UTC."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from desk.roles import Role
from desk.selectors import KINDS, SPANS, Transaction
from ingestion.decoding import Reason
from reconciliation.events import Discrepancy, EventStatus, Source, VerdictStatus
from reconciliation.models import ReconciliationResult

SOURCES = [source.label for source in Source]


class MoneyField(serializers.DecimalField):
    """An amount as text with four decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=38, decimal_places=4, coerce_to_string=True, **options)


class ConfigSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    sign_in = serializers.ChoiceField(["local", "oidc"])
    time_zone = serializers.CharField()
    csrf_cookie = serializers.CharField()
    csrf_header = serializers.CharField()
    live_path = serializers.CharField()


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class MeSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    staff = serializers.BooleanField()
    session_expires_at = serializers.DateTimeField()


class CurrencyAmountSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    amount = MoneyField()


class SummarySerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    position = serializers.CharField()
    in_flight = serializers.IntegerField()
    matched = serializers.IntegerField()
    mismatched = serializers.IntegerField()
    dead_letters = serializers.IntegerField()
    amount_at_risk = CurrencyAmountSerializer(many=True)


class SeriesSerializer(serializers.Serializer[Any]):
    """Each kind always: a number for each of `times`."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {kind: serializers.ListField(child=serializers.IntegerField()) for kind in KINDS}


class TimeseriesSerializer(serializers.Serializer[Any]):
    range = serializers.ChoiceField(list(SPANS))
    step = serializers.IntegerField(help_text="Seconds.")
    times = serializers.ListField(
        child=serializers.IntegerField(), help_text="The start of each step, in epoch seconds."
    )
    series = SeriesSerializer()


class SourceSerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(SOURCES)  # type: ignore[assignment]
    topic = serializers.CharField()
    records = serializers.IntegerField()
    dead_letters = serializers.IntegerField()
    last_record_at = serializers.DateTimeField(allow_null=True)
    read_until = serializers.DateTimeField(allow_null=True)
    lag_seconds = serializers.FloatField(allow_null=True)


FINDING = {
    "type": "object",
    "description": "What is known of one discrepancy; `values` by source.",
    "properties": {
        "values": {"type": "object", "additionalProperties": {}},
        "difference": {"type": "string"},
        "tolerance": {"type": "string"},
        "extra_postings": {"type": "integer"},
        "due": {"type": "string", "format": "date-time"},
    },
}


@extend_schema_field({"type": "object", "additionalProperties": FINDING})
class FindingsField(serializers.JSONField):
    """By discrepancy, as the matcher stored it."""


class LegSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(EventStatus.choices)
    amount = MoneyField()
    currency = serializers.CharField()
    account_id = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    channel = serializers.CharField(allow_null=True)
    reference = serializers.CharField(allow_null=True)


class LegsSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {source: LegSerializer(allow_null=True) for source in SOURCES}

    def to_representation(self, legs: dict[str, Any]) -> dict[str, Any]:
        return {source: self._leg(legs.get(source)) for source in SOURCES}

    def _leg(self, leg: dict[str, Any] | None) -> dict[str, Any] | None:
        """Its amount and time as all others are told, however they are stored."""
        if leg is None:
            return None
        at = serializers.DateTimeField().to_internal_value(leg["occurred_at"])
        return LegSerializer({**leg, "amount": Decimal(leg["amount"]), "occurred_at": at}).data


class ResultSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.CharField()
    status = serializers.ChoiceField(VerdictStatus.choices)
    discrepancies = serializers.ListField(child=serializers.ChoiceField(Discrepancy.choices))
    details = FindingsField()
    channel = serializers.CharField(allow_null=True)
    reference = serializers.SerializerMethodField()
    currency = serializers.CharField()
    amount = serializers.SerializerMethodField(help_text="The largest leg's.")
    amount_at_risk = MoneyField()
    rule_set = serializers.IntegerField()
    revision = serializers.IntegerField()
    first_seen_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    mismatched_at = serializers.DateTimeField(allow_null=True)
    healed_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()

    def get_reference(self, result: ReconciliationResult) -> str | None:
        told = (leg["reference"] for leg in result.legs.values())
        return next((reference for reference in told if reference is not None), None)

    def get_amount(self, result: ReconciliationResult) -> str:
        amounts = [Decimal(leg["amount"]) for leg in result.legs.values()]
        return f"{max(amounts):.4f}"


class EventSerializer(serializers.Serializer[Any]):
    event_id = serializers.CharField()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    topic = serializers.CharField()
    partition = serializers.IntegerField()
    offset = serializers.IntegerField()
    status = serializers.ChoiceField(EventStatus.choices)
    amount = MoneyField()
    currency = serializers.CharField()
    account_id = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    channel = serializers.CharField(allow_null=True)
    reference = serializers.CharField(allow_null=True)
    kafka_timestamp = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(SOURCES))
    def get_source(self, event: Any) -> str:
        return Source(event.source).label


class RevisionSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    status = serializers.ChoiceField(VerdictStatus.choices)
    discrepancies = serializers.ListField(child=serializers.ChoiceField(Discrepancy.choices))
    amount_at_risk = MoneyField()
    rule_set = serializers.IntegerField()
    cause = serializers.CharField(help_text="topic/partition/offset of the record, or `sweep`.")
    at = serializers.DateTimeField()


class TransactionDetailSerializer(ResultSerializer):
    legs = LegsSerializer()
    expected = serializers.ListField(child=serializers.ChoiceField(SOURCES))
    waits = serializers.DictField(
        child=serializers.DateTimeField(),
        help_text="By source, when it being overdue could change the verdict.",
    )
    earlier_events = serializers.IntegerField(
        help_text="How many there are before the last ones, which `events` holds."
    )
    events = EventSerializer(many=True)
    history = RevisionSerializer(many=True)

    def to_representation(self, transaction: Transaction) -> dict[str, Any]:
        return {
            **ResultSerializer(transaction.result).data,
            "legs": LegsSerializer().to_representation(transaction.result.legs),
            "expected": transaction.expected,
            "waits": transaction.waits,
            "earlier_events": transaction.earlier_events,
            "events": EventSerializer(transaction.events, many=True).data,
            "history": RevisionSerializer(transaction.history, many=True).data,
        }


class ResultPageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="The next page's cursor.")
    results = ResultSerializer(many=True, source="rows")


class ChangesSerializer(serializers.Serializer[Any]):
    position = serializers.CharField()
    complete = serializers.BooleanField(help_text="Whether nothing more has changed after it.")
    rows = ResultSerializer(many=True)


class DeadLetterSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    topic = serializers.CharField()
    partition = serializers.IntegerField()
    offset = serializers.IntegerField()
    reason = serializers.ChoiceField(Reason.choices)
    detail = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the value.")
    kafka_timestamp = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()
    replayed_at = serializers.DateTimeField(allow_null=True)


class DeadLetterPageSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="The next page's cursor.")
    results = DeadLetterSerializer(many=True, source="rows")


class RuleSetSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    in_force_from = serializers.DateTimeField()
    note = serializers.CharField()
    rules = serializers.JSONField()


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]
