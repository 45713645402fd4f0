"""Decided transactions that a later event opened again: few among many, and asked for alone."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0004_kept_figures")]

    operations = [
        migrations.AddIndex(
            model_name="reconciliationresult",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("transaction_id"), descending=True),
                condition=models.Q(("status", "in_flight")),
                name="results_newest_in_flight",
            ),
        ),
    ]
