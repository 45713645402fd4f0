from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from reconciliation.models import RuleSetVersion

        auditlog.register(RuleSetVersion)
