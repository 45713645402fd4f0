"""The lanes, whose number is fixed from here on, and rule set 1 from the settings."""

from __future__ import annotations

import os

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Now


def write_lanes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    lane_model = apps.get_model("reconciliation", "Lane")
    lane_model.objects.bulk_create(
        lane_model(lane=lane, version=os.urandom(8)) for lane in range(settings.RECON_LANES)
    )


def write_first_rules(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("reconciliation", "RuleSetVersion").objects.create(
        version=1,
        rules={
            "default": {
                "expected": ["core", "gateway", "mobile"],
                "match_window": settings.RECON_MATCH_WINDOW,
                "pending_window": settings.RECON_PENDING_WINDOW,
                "timestamp_tolerance": settings.RECON_TIMESTAMP_TOLERANCE,
                "amount_tolerance": str(settings.RECON_AMOUNT_TOLERANCE),
            },
            "channels": {},
        },
        in_force_from=Now(),
        note="from the settings, at the first migration",
    )


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0002_months")]

    operations = [
        migrations.RunPython(write_lanes, migrations.RunPython.noop),
        migrations.RunPython(write_first_rules, migrations.RunPython.noop),
    ]
