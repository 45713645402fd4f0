"""What may be asked of each list. Whatever is not known here is refused by name."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from desk.pages import LIMIT, LIMIT_MOST, MOST_AT_RISK, NEWEST
from desk.selectors import SPANS
from ingestion.decoding import Reason
from reconciliation.events import Discrepancy, VerdictStatus


class Parameters(serializers.Serializer[Any]):
    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            known = ", ".join(self.fields) or "none"
            raise serializers.ValidationError(
                dict.fromkeys(unknown, f"There is no such parameter. There are: {known}.")
            )
        return asked


class NoParameters(Parameters):
    pass


class TimeseriesParameters(Parameters):
    range = serializers.ChoiceField(list(SPANS), default="hour")


class PageParameters(Parameters):
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(default=LIMIT, min_value=1, max_value=LIMIT_MOST)


class ResultsParameters(PageParameters):
    status = serializers.MultipleChoiceField(choices=VerdictStatus.choices, required=False)
    discrepancy = serializers.MultipleChoiceField(choices=Discrepancy.choices, required=False)
    channel = serializers.ListField(child=serializers.CharField(max_length=16), required=False)
    currency = serializers.ListField(child=serializers.CharField(max_length=3), required=False)
    transaction_id = serializers.CharField(
        max_length=64, required=False, help_text="How the id begins."
    )
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    sort = serializers.ChoiceField(
        [NEWEST.name, MOST_AT_RISK.name],
        default=NEWEST.name,
        help_text="By amount at risk only what is mismatched is listed.",
    )


class ChangesParameters(Parameters):
    after = serializers.CharField(max_length=2000)
    limit = serializers.IntegerField(default=LIMIT_MOST, min_value=1, max_value=LIMIT_MOST)


class DeadLettersParameters(PageParameters):
    replayed = serializers.BooleanField(required=False, allow_null=True, default=None)
    reason = serializers.MultipleChoiceField(choices=Reason.choices, required=False)
    topic = serializers.CharField(max_length=249, required=False)
