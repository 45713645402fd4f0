"""Dead letters, to be looked at and replayed, and how far Kafka has been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from ingestion.decoding import Reason
from ingestion.dissection import dissect, hex_dump
from ingestion.models import DeadLetter, KafkaOffset
from ingestion.replay import (
    AlreadyReplayed,
    CannotReplayNow,
    StillUnreadable,
    open_replayer,
)
from ingestion.schema_registry import RegistryUnavailable, WriterSchemas, connect
from reconciliation.models import RawEvent
from reconciliation.read_only_admin import (
    ChoiceFilter,
    ReadOnlyAdmin,
    Table,
    link,
    list_of,
    moment,
    page_of,
    record_named,
    time_range,
)

# Each takes some milliseconds; a request must not take minutes.
REPLAYED_AT_ONCE = 1000
BYTES = ("key", "value", "headers")


class ReplayedFilter(ChoiceFilter):
    title = "replay"
    parameter_name = "replayed"
    choices_of = (("no", "Not replayed"), ("yes", "Replayed"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(replayed_at__isnull=self.value() == "no")


class ReasonFilter(ChoiceFilter):
    title = "reason"
    parameter_name = "reason"
    choices_of = tuple((reason, reason.replace("_", " ")) for reason in Reason.values)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


class TopicFilter(ChoiceFilter):
    title = "topic"
    parameter_name = "topic"
    choices_of = tuple((topic, topic) for topic in settings.TOPICS.values())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(topic=self.value()) if self.value() else queryset


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    change_form_template = "admin/dead_letter.html"
    actions = ("replay_selected",)
    list_display = (
        "__str__",
        "reason",
        "detail",
        moment("received_at"),
        moment("replayed_at"),
    )
    list_filter = (ReplayedFilter, ReasonFilter, TopicFilter, time_range("received_at"))
    ordering = ("-received_at", "-id")
    search_fields = ("topic",)
    search_help_text = "A record: topic/partition/offset."
    facts: ClassVar[Sequence[Any]] = (
        "reason",
        "detail",
        "replay",
        moment("kafka_timestamp"),
        moment("received_at"),
        "key_in_hex",
        "value_in_hex",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeadLetter]:
        # Of a list's hundred records each may have a megabyte.
        return super().get_queryset(request).defer(*BYTES)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        record = record_named(term)
        return (queryset.filter(**record) if record else queryset.none()), False

    @admin.display(description="replayed")
    def replay(self, letter: DeadLetter) -> SafeString | str:
        if letter.replayed_at is None:
            return "Not yet."
        entry = (
            LogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(DeadLetter), object_id=letter.pk
            )
            .select_related("user")
            .order_by("-action_time")
            .first()
        )
        event = f"{list_of(RawEvent)}?q={letter}"
        by = f" by {entry.user}" if entry else ""
        return format_html("{}{}: {}", moment("replayed_at")(letter), by, link(event, "its event"))

    @admin.display(description="key")
    def key_in_hex(self, letter: DeadLetter) -> SafeString | str:
        return _dump("Key", letter.key)

    @admin.display(description="value")
    def value_in_hex(self, letter: DeadLetter) -> SafeString | str:
        return _dump("Value", letter.value)

    def tables(self, letter: DeadLetter) -> Sequence[Table]:
        named = [(bytes(name or b"").decode(), value) for name, value in letter.headers or ()]
        headers = [(name, _dump(f"Header {name}", value)) for name, value in named]
        return (
            Table(
                "The value, as far as it can be read", ("part", "bytes", "says"), _pieces(letter)
            ),
            Table("Headers", ("name", "value"), headers),
        )

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ingestion.replay_deadletter")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        waits = context["original"].replayed_at is None
        context["may_replay"] = waits and self.has_replay_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> Any:
        replay = self.admin_site.admin_view(require_POST(self.replay_one))
        name = "ingestion_deadletter_replay"
        return [path("<path:object_id>/replay/", replay, name=name), *super().get_urls()]

    def replay_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_replay_permission(request):
            raise PermissionDenied
        letter = self.get_object(request, unquote(object_id))
        if letter is None:
            self.message_user(request, "There is no such dead letter.", messages.WARNING)
            return redirect(list_of(DeadLetter))
        self._replay(request, [letter.pk])
        return redirect(page_of(DeadLetter, letter.pk))

    @admin.action(description="Replay the selected dead letters", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        # In the order in which they came, which is how a worker would have read them.
        in_order = queryset.order_by("received_at", "id").values_list("pk", flat=True)
        chosen = list(in_order[: REPLAYED_AT_ONCE + 1])
        if len(chosen) > REPLAYED_AT_ONCE:
            text = f"Only the first {REPLAYED_AT_ONCE} are replayed at once."
            self.message_user(request, text, messages.WARNING)
        self._replay(request, chosen[:REPLAYED_AT_ONCE])

    def _replay(self, request: HttpRequest, chosen: Sequence[int]) -> None:
        outcomes: Counter[str] = Counter()
        try:
            with open_replayer() as replayer:
                for key in chosen:
                    # One at a time: the bytes of all might not fit in memory.
                    letter = DeadLetter.objects.get(pk=key)
                    try:
                        event = replayer.replay(letter)
                    except AlreadyReplayed:
                        outcomes["had been replayed already"] += 1
                    except StillUnreadable as refused:
                        outcomes[f"still unreadable, {refused.reason}: {refused}"] += 1
                    else:
                        outcomes["replayed"] += 1
                        self.log_change(request, letter, f"Replayed: {event.transaction_id}")
        except CannotReplayNow as fault:
            untried = len(chosen) - outcomes.total()
            self.message_user(request, f"{untried} not replayed. {fault}", messages.ERROR)
        self._tell(request, outcomes)

    def _tell(self, request: HttpRequest, outcomes: Counter[str]) -> None:
        if replayed := outcomes.pop("replayed", 0):
            self.message_user(request, f"{replayed} replayed.", messages.SUCCESS)
        for outcome, count in outcomes.most_common():
            self.message_user(request, f"{count} {outcome}", messages.WARNING)


def _dump(name: str, data: bytes | memoryview | None) -> SafeString | str:
    if data is None:
        return "null"
    if not data:
        return "empty"
    # Reached by the keyboard too, for it may have to be scrolled.
    dump = '<pre class="hex" tabindex="0" role="group" aria-label="{} in hex">{}</pre>'
    return format_html(dump, name, hex_dump(bytes(data)))


def _pieces(letter: DeadLetter) -> list[tuple[str, str, str]]:
    value = None if letter.value is None else bytes(letter.value)
    try:
        client = connect()
    except RegistryUnavailable as fault:
        return [("value", "", str(fault))]
    with client:
        pieces: Iterable[Any] = dissect(letter.topic, value, WriterSchemas(client))
        return [(piece.name, f"{piece.start}-{piece.end}", piece.says) for piece in pieces]


@admin.register(KafkaOffset)
class KafkaOffsetAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "first_offset",
        "next_offset",
        "records",
        "dead_letters",
        moment("last_record_at"),
        moment("read_until"),
    )
    ordering = ("topic", "partition")
    facts = (
        "topic",
        "partition",
        "first_offset",
        "next_offset",
        "records",
        "dead_letters",
        moment("last_record_at"),
        moment("read_until"),
    )
