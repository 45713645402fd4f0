"""The Django admin, under our own name: what is kept, for those who keep watch over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

from desk.roles import STAFF, roles_of
from desk.selectors import Summary, read_summary
from ingestion.models import DeadLetter
from ingestion.selectors import SourceState, read_sources
from reconciliation.models import OpenTransaction, ReconciliationResult
from reconciliation.read_only_admin import list_of
from reconciliation.wording import exact_utc

# What each list holds, by model; in the order in which an event walks.
HOLDS = {
    "RawEvent": "Every record that could be read, where it lay in Kafka and when it was stored.",
    "DeadLetter": "Records that could not be read, with their bytes; they may be replayed.",
    "KafkaOffset": "How far each partition has been read.",
    "OpenTransaction": "Transactions whose verdict time alone could still change.",
    "ReconciliationResult": "The verdict on each transaction that was ever decided.",
    "ResultRevision": "The journal: each change of a verdict, and what caused it.",
    "RuleSetVersion": "Windows, tolerances and expected sources, by version.",
    "Lane": "The shares of all transactions that are judged under one lock.",
    "LogEntry": "Who did what, to what, when and from where.",
    "User": "Local accounts.",
    "Group": "The roles.",
}

ORDER = list(HOLDS.values())


class Figure(NamedTuple):
    """A number, and the list of what it counts."""

    label: str
    number: str
    address: str


class Kept(NamedTuple):
    name: str
    address: str
    holds: str


class DeskAdminSite(AdminSite):
    site_title = "Reconsite"
    site_header = "Reconsite"
    index_title = "What is kept"
    # The tables need the room.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """The role counts, not only the mark of staff, which may have outlived it."""
        return super().has_permission(request) and not STAFF.isdisjoint(roles_of(request.user))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        summary = read_summary()
        context = {
            "figures": _figures(summary),
            "at_risk": [
                f"{at_risk['amount']:,} {at_risk['currency']}" for at_risk in summary.amount_at_risk
            ],
            "sources": [_row(source) for source in read_sources(settings.TOPICS, summary.at)],
            "kept": sorted(self._kept(request), key=lambda kept: ORDER.index(kept.holds)),
            "at": exact_utc(summary.at),
        }
        return super().index(request, context | (extra_context or {}))

    def _kept(self, request: HttpRequest) -> Iterator[Kept]:
        for app in self.get_app_list(request):
            for model in app["models"]:
                if model["object_name"] in HOLDS and model["admin_url"]:
                    holds = HOLDS[model["object_name"]]
                    yield Kept(str(model["name"]), model["admin_url"], holds)


def _figures(summary: Summary) -> list[Figure]:
    results = list_of(ReconciliationResult)
    return [
        Figure("mismatched", f"{summary.mismatched:,}", f"{results}?status=mismatched"),
        Figure("matched", f"{summary.matched:,}", f"{results}?status=matched"),
        Figure("in flight", f"{summary.in_flight:,}", list_of(OpenTransaction)),
        Figure("dead letters", f"{summary.dead_letters:,}", f"{list_of(DeadLetter)}?replayed=no"),
    ]


class SourceRow(NamedTuple):
    source: str
    topic: str
    records: str
    dead_letters: str
    last_record_at: str
    behind: str


def _row(state: SourceState) -> SourceRow:
    behind = "never read to its end"
    if state.lag_seconds is not None:
        behind = f"until {state.lag_seconds:,.1f} s ago"
    return SourceRow(
        state.source,
        state.topic,
        f"{state.records:,}",
        f"{state.dead_letters:,}",
        exact_utc(state.last_record_at),
        behind,
    )
