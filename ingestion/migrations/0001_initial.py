from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=249)),
                ("partition", models.IntegerField()),
                ("offset", models.BigIntegerField()),
                ("key", models.BinaryField(null=True)),
                ("value", models.BinaryField(null=True)),
                (
                    "headers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.BinaryField(null=True), size=2
                        ),
                        null=True,
                        size=None,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_confluent_framed", "Not Confluent Framed"),
                            ("unknown_schema", "Unknown Schema"),
                            ("undecodable", "Undecodable"),
                            ("trailing_bytes", "Trailing Bytes"),
                            ("wrong_source", "Wrong Source"),
                            ("invalid_field", "Invalid Field"),
                        ],
                        max_length=20,
                    ),
                ),
                ("detail", models.CharField(max_length=500)),
                ("kafka_timestamp", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                ("replayed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "dead_letters",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic", "partition", "offset"), name="dead_letters_record"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "not_confluent_framed",
                                    "unknown_schema",
                                    "undecodable",
                                    "trailing_bytes",
                                    "wrong_source",
                                    "invalid_field",
                                ],
                            )
                        ),
                        name="dead_letters_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KafkaOffset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("topic", models.CharField(max_length=249)),
                ("partition", models.IntegerField()),
                ("first_offset", models.BigIntegerField()),
                ("next_offset", models.BigIntegerField()),
                ("records", models.BigIntegerField(default=0)),
                ("read_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "kafka_offsets",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("topic", "partition"), name="kafka_offsets_partition"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("next_offset__gte", models.F("first_offset"))),
                        name="kafka_offsets_forward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("records__gte", 0),
                            (
                                "records__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("next_offset"), "-", models.F("first_offset")
                                ),
                            ),
                        ),
                        name="kafka_offsets_records",
                    ),
                ],
            },
        ),
    ]
