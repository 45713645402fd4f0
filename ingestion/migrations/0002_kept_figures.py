"""Each partition's dead letters and last record, for what is there already."""

from __future__ import annotations

from django.db import migrations, models

COUNT = """
UPDATE kafka_offsets AS row SET
    dead_letters = (SELECT count(*) FROM dead_letters AS letter
        WHERE letter.topic = row.topic AND letter.partition = row.partition
        AND letter.replayed_at IS NULL),
    last_record_at = greatest(
        (SELECT max(received_at) FROM raw_events AS event
         WHERE event.topic = row.topic AND event.partition = row.partition),
        (SELECT max(received_at) FROM dead_letters AS letter
         WHERE letter.topic = row.topic AND letter.partition = row.partition))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0001_initial"),
        ("reconciliation", "0004_kept_figures"),
    ]

    operations = [
        migrations.AddField(
            model_name="kafkaoffset",
            name="dead_letters",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="kafkaoffset",
            name="last_record_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="kafkaoffset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dead_letters__gte", 0), ("dead_letters__lte", models.F("records"))
                ),
                name="kafka_offsets_dead_letters",
            ),
        ),
    ]
