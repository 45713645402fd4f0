"""Dead letters, the newest first."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0002_kept_figures"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(
                models.OrderBy(models.F("received_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="dead_letters_newest",
            ),
        ),
    ]
