"""Events, verdicts, their journal, what is open, the lanes and the rules, to be looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reconciliation.events import Discrepancy, VerdictStatus
from reconciliation.models import (
    Lane,
    OpenTransaction,
    RawEvent,
    ReconciliationResult,
    ResultRevision,
    RuleSetVersion,
)
from reconciliation.read_only_admin import (
    ChoiceFilter,
    ReadOnlyAdmin,
    Table,
    link,
    moment,
    page_of,
    record_named,
    time_range,
)
from reconciliation.wording import LABELS, exact_utc, in_words

LEG_FIELDS = (
    "status",
    "amount",
    "currency",
    "account_id",
    "occurred_at",
    "channel",
    "reference",
)
DASH = "-"
# A storm of redeliveries is no reading matter.
MOST_EVENTS = 200


@admin.display(description="transaction")
def transaction(row: Any) -> SafeString:
    """A link to the verdict; its page leads on to what is waited for where there is none yet."""
    return link(page_of(ReconciliationResult, row.transaction_id), row.transaction_id)


def events_of(transaction_id: str) -> Table:
    events = RawEvent.objects.filter(transaction_id=transaction_id)
    newest = events.order_by("-received_at", "-pk")[:MOST_EVENTS]
    return Table(
        f"Events, as they were received (at most the last {MOST_EVENTS})",
        ("record", "source", "status", "amount", "account", "occurred", "received"),
        [
            (
                link(page_of(RawEvent, event.pk), event),
                LABELS[event.source],
                event.status,
                f"{event.amount} {event.currency}",
                event.account_id,
                exact_utc(event.occurred_at),
                exact_utc(event.received_at),
            )
            for event in reversed(newest)
        ],
    )


def history_of(transaction_id: str) -> Table:
    revisions = ResultRevision.objects.filter(transaction_id=transaction_id)
    return Table(
        "History of the verdict",
        ("revision", "at", "status", "discrepancies", "at risk", "rule set", "cause"),
        [
            (
                link(page_of(ResultRevision, revision.pk), revision.revision),
                exact_utc(revision.at),
                badge(revision.status),
                ", ".join(revision.discrepancies) or DASH,
                revision.amount_at_risk,
                revision.rule_set,
                revision.cause,
            )
            for revision in sorted(revisions, key=lambda revision: revision.revision)
        ],
        nothing="No verdict has been given yet.",
    )


def badge(status: str) -> SafeString:
    label = VerdictStatus(status).label.lower()
    return format_html('<span class="badge badge-{}">{}</span>', status, label)


class StatusFilter(ChoiceFilter):
    title = "status"
    parameter_name = "status"
    choices_of = VerdictStatus.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class DiscrepancyFilter(ChoiceFilter):
    title = "discrepancy"
    parameter_name = "discrepancy"
    choices_of = tuple((name, name) for name in Discrepancy.values)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        # The status is implied; said, it leads to the index of mismatches.
        return queryset.filter(
            status=VerdictStatus.MISMATCHED, discrepancies__contains=[self.value()]
        )


class ByTransaction(ReadOnlyAdmin):
    """Found by the beginning of a transaction's id."""

    search_fields = ("transaction_id",)
    search_help_text = "A transaction's id, or how it begins."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(transaction_id__startswith=term) if term else queryset), False


@admin.register(ReconciliationResult)
class ResultAdmin(ByTransaction):
    list_display = (
        "transaction_id",
        "verdict",
        "told",
        "channel",
        "at_risk",
        moment("updated_at"),
    )
    list_filter = (StatusFilter, DiscrepancyFilter, time_range("updated_at"))
    ordering = ("-updated_at", "-transaction_id")
    facts = (
        "verdict",
        "in_words",
        "at_risk",
        "channel",
        "rules",
        "revision",
        moment("first_seen_at"),
        moment("decided_at"),
        moment("mismatched_at"),
        moment("healed_at"),
        moment("updated_at"),
    )

    @admin.display(description="status")
    def verdict(self, row: ReconciliationResult) -> SafeString:
        return badge(row.status)

    @admin.display(description="discrepancies")
    def told(self, row: ReconciliationResult) -> str:
        return ", ".join(row.discrepancies) or DASH

    @admin.display(description="at risk")
    def at_risk(self, row: ReconciliationResult) -> str:
        return f"{row.amount_at_risk} {row.currency}" if row.amount_at_risk else DASH

    @admin.display(description="in words")
    def in_words(self, row: ReconciliationResult) -> str:
        sentences = [
            f"{name}: {in_words(name, row.details.get(name, {}), row.currency)}"
            for name in row.discrepancies
        ]
        return "\n".join(sentences) or "The legs agree, as far as they have told."

    @admin.display(description="rule set")
    def rules(self, row: ReconciliationResult) -> SafeString:
        return link(page_of(RuleSetVersion, row.rule_set), row.rule_set)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Of a transaction that has no verdict yet: what is waited for."""
        key = unquote(object_id)
        if (
            self.has_view_permission(request)
            and "\0" not in key
            and self.get_object(request, key) is None
            and OpenTransaction.objects.filter(pk=key).exists()
        ):
            return redirect(page_of(OpenTransaction, key))
        return super().change_view(request, object_id, *args, **kwargs)

    def tables(self, row: ReconciliationResult) -> Sequence[Table]:
        return (legs_of(row), history_of(row.pk), events_of(row.pk))


def legs_of(row: ReconciliationResult) -> Table:
    """The legs side by side, one field a line; where they do not agree, that is marked."""
    labels = list(LABELS.values())
    lines = []
    for field in LEG_FIELDS:
        values = [_leg_value(row.legs.get(label), field) for label in labels]
        told = {value for value in values if value != DASH}
        lines.append((field.replace("_", " "), *values, "differs" if len(told) > 1 else "agrees"))
    return Table("Legs, side by side", ("field", *labels, "together"), lines)


def _leg_value(leg: dict[str, Any] | None, field: str) -> str:
    if leg is None or leg[field] is None:
        return DASH
    return exact_utc(leg[field]) if field == "occurred_at" else str(leg[field])


@admin.register(RawEvent)
class RawEventAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        transaction,
        "source",
        "status",
        "amount",
        "currency",
        moment("occurred_at"),
        moment("received_at"),
    )
    ordering = ("-id",)
    search_fields = ("transaction_id",)
    search_help_text = "A transaction's id, or a record: topic/partition/offset."
    facts = (
        "topic",
        "partition",
        "offset",
        "event_id",
        transaction,
        "source",
        "account_id",
        "amount",
        "currency",
        "status",
        moment("occurred_at"),
        "channel",
        "reference",
        moment("kafka_timestamp"),
        moment("received_at"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if record := record_named(term):
            return queryset.filter(**record), False
        return queryset.filter(transaction_id=term), False


@admin.register(ResultRevision)
class ResultRevisionAdmin(ByTransaction):
    list_display = (
        "__str__",
        "verdict",
        "told",
        "amount_at_risk",
        "cause",
        moment("at"),
    )
    ordering = ("-id",)
    search_help_text = "A transaction's id."
    facts = (
        transaction,
        "revision",
        "verdict",
        "told",
        "amount_at_risk",
        "rule_set",
        "cause",
        moment("at"),
        "lane",
        "n",
    )

    @admin.display(description="status")
    def verdict(self, row: ResultRevision) -> SafeString:
        return badge(row.status)

    @admin.display(description="discrepancies")
    def told(self, row: ResultRevision) -> str:
        return ", ".join(row.discrepancies) or DASH

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(transaction_id=term) if term else queryset), False


@admin.register(OpenTransaction)
class OpenTransactionAdmin(ByTransaction):
    list_display = ("transaction_id", "lane", moment("first_seen_at"), moment("due"))
    # The longest due first.
    ordering = ("due", "transaction_id")
    facts = (
        "transaction_id",
        "lane",
        moment("first_seen_at"),
        moment("due_core"),
        moment("due_gateway"),
        moment("due_mobile"),
    )

    def tables(self, row: OpenTransaction) -> Sequence[Table]:
        return (history_of(row.pk), events_of(row.pk))


@admin.register(Lane)
class LaneAdmin(ReadOnlyAdmin):
    list_display = ("lane", "n", "version_in_hex")
    ordering = ("lane",)
    facts = ("lane", "n", "version_in_hex")

    @admin.display(description="version")
    def version_in_hex(self, row: Lane) -> str:
        return bytes(row.version).hex(" ")


@admin.register(RuleSetVersion)
class RuleSetVersionAdmin(ReadOnlyAdmin):
    list_display = ("version", moment("in_force_from"), "note")
    ordering = ("-version",)
    facts = ("version", moment("in_force_from"), "note", "document")

    @admin.display(description="rules")
    def document(self, row: RuleSetVersion) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(row.rules, indent=2))
