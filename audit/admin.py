"""The audit log, to be looked at."""

from __future__ import annotations

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.models import LogEntry
from reconciliation.read_only_admin import ReadOnlyAdmin, moment, time_range

# The package's own page counts, and searches where no index helps.
admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    list_display = (
        moment("timestamp"),
        "who",
        "what",
        "content_type",
        "object_repr",
        "remote_addr",
    )
    list_filter = (time_range("timestamp"),)
    list_select_related = ("actor", "content_type")
    ordering = ("-timestamp", "-id")
    facts = (
        moment("timestamp"),
        "who",
        "what",
        "content_type",
        "object_repr",
        "object_pk",
        "remote_addr",
        "changed",
    )

    @admin.display(description="who")
    def who(self, entry: LogEntry) -> str:
        return str(entry.actor or f"{entry.os_user} (a command)")

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return str(entry.get_action_display())

    @admin.display(description="changes")
    def changed(self, entry: LogEntry) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(entry.changes, indent=2))
