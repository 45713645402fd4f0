from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.functions.comparison
from django.db import migrations, models

# Partitioned by month: Django cannot say that. The primary key holds the
# partition's column, as PostgreSQL demands; the unique index that matters
# stands within each partition (see the next migration).
RAW_EVENTS = """
CREATE TABLE raw_events (
    id bigserial NOT NULL,
    topic varchar(249) NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    event_id varchar(36) NOT NULL,
    transaction_id varchar(64) NOT NULL,
    source varchar(7) NOT NULL,
    account_id varchar(64) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency varchar(3) NOT NULL,
    status varchar(8) NOT NULL,
    occurred_at timestamptz NOT NULL,
    channel varchar(16),
    reference varchar(64),
    kafka_timestamp timestamptz,
    received_at timestamptz NOT NULL,
    CONSTRAINT raw_events_pkey PRIMARY KEY (id, received_at),
    CONSTRAINT raw_events_amount CHECK (amount >= 0),
    CONSTRAINT raw_events_source CHECK (source IN ('CORE', 'GATEWAY', 'MOBILE')),
    CONSTRAINT raw_events_status CHECK (status IN ('PENDING', 'SUCCESS', 'FAILED', 'REVERSED'))
) PARTITION BY RANGE (received_at);
CREATE INDEX raw_events_transaction ON raw_events (transaction_id);
"""

RESULT_REVISIONS = """
CREATE TABLE result_revisions (
    id bigserial NOT NULL,
    lane smallint NOT NULL,
    n bigint NOT NULL,
    transaction_id varchar(64) NOT NULL,
    revision integer NOT NULL,
    status varchar(10) NOT NULL,
    discrepancies varchar(15)[] NOT NULL,
    amount_at_risk numeric(38, 4) NOT NULL,
    rule_set integer NOT NULL,
    cause varchar(300) NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT result_revisions_pkey PRIMARY KEY (id, at),
    CONSTRAINT revisions_from_1 CHECK (n >= 1 AND revision >= 1),
    CONSTRAINT revisions_status CHECK (status IN ('matched', 'mismatched', 'in_flight'))
) PARTITION BY RANGE (at);
CREATE INDEX revisions_transaction ON result_revisions (transaction_id);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RuleSetVersion",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("rules", models.JSONField()),
                ("in_force_from", models.DateTimeField(unique=True)),
                ("note", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "rule_sets",
            },
        ),
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("lane", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("version", models.BinaryField(max_length=8)),
                ("n", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "lanes",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("n__gte", 0)), name="lanes_n")
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenTransaction",
            fields=[
                (
                    "transaction_id",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("lane", models.SmallIntegerField()),
                ("first_seen_at", models.DateTimeField()),
                ("due_core", models.DateTimeField(null=True)),
                ("due_gateway", models.DateTimeField(null=True)),
                ("due_mobile", models.DateTimeField(null=True)),
                (
                    "due",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Least(
                            "due_core", "due_gateway", "due_mobile"
                        ),
                        output_field=models.DateTimeField(),
                    ),
                ),
            ],
            options={
                "db_table": "open_transactions",
                "indexes": [
                    models.Index(fields=["lane", "due"], name="open_transactions_lane_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_core__isnull", False),
                            ("due_gateway__isnull", False),
                            ("due_mobile__isnull", False),
                            _connector="OR",
                        ),
                        name="open_transactions_due",
                    )
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(RAW_EVENTS, reverse_sql="DROP TABLE raw_events")
            ],
            state_operations=[
                migrations.CreateModel(
                    name="RawEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("topic", models.CharField(max_length=249)),
                        ("partition", models.IntegerField()),
                        ("offset", models.BigIntegerField()),
                        ("event_id", models.CharField(max_length=36)),
                        ("transaction_id", models.CharField(max_length=64)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("CORE", "core"),
                                    ("GATEWAY", "gateway"),
                                    ("MOBILE", "mobile"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("account_id", models.CharField(max_length=64)),
                        ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PENDING", "Pending"),
                                    ("SUCCESS", "Success"),
                                    ("FAILED", "Failed"),
                                    ("REVERSED", "Reversed"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("occurred_at", models.DateTimeField()),
                        ("channel", models.CharField(max_length=16, null=True)),
                        ("reference", models.CharField(max_length=64, null=True)),
                        ("kafka_timestamp", models.DateTimeField(null=True)),
                        ("received_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "raw_events",
                        "indexes": [
                            models.Index(fields=["transaction_id"], name="raw_events_transaction")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="raw_events_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source__in", ["CORE", "GATEWAY", "MOBILE"])),
                                name="raw_events_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["PENDING", "SUCCESS", "FAILED", "REVERSED"])
                                ),
                                name="raw_events_status",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReconciliationResult",
            fields=[
                (
                    "transaction_id",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("matched", "Matched"),
                            ("mismatched", "Mismatched"),
                            ("in_flight", "In Flight"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "discrepancies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=15), size=None
                    ),
                ),
                ("details", models.JSONField()),
                ("legs", models.JSONField()),
                ("channel", models.CharField(max_length=16, null=True)),
                ("currency", models.CharField(max_length=3)),
                ("amount_at_risk", models.DecimalField(decimal_places=4, max_digits=38)),
                ("rule_set", models.IntegerField()),
                ("revision", models.IntegerField()),
                ("first_seen_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField()),
                ("mismatched_at", models.DateTimeField(null=True)),
                ("healed_at", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "reconciliation_results",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["matched", "mismatched", "in_flight"])),
                        name="results_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("discrepancies__len__gt", 0), ("status", "mismatched")),
                            models.Q(
                                models.Q(("status", "mismatched"), _negated=True),
                                ("discrepancies__len", 0),
                            ),
                            _connector="OR",
                        ),
                        name="results_discrepancies_when_mismatched",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "mismatched"), _negated=True),
                            ("mismatched_at__isnull", False),
                            _connector="OR",
                        ),
                        name="results_mismatched_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_at_risk__gte", 0)), name="results_risk"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("revision__gte", 1)), name="results_revision"
                    ),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(RESULT_REVISIONS, reverse_sql="DROP TABLE result_revisions")
            ],
            state_operations=[
                migrations.CreateModel(
                    name="ResultRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("lane", models.SmallIntegerField()),
                        ("n", models.BigIntegerField()),
                        ("transaction_id", models.CharField(max_length=64)),
                        ("revision", models.IntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("matched", "Matched"),
                                    ("mismatched", "Mismatched"),
                                    ("in_flight", "In Flight"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "discrepancies",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=15), size=None
                            ),
                        ),
                        ("amount_at_risk", models.DecimalField(decimal_places=4, max_digits=38)),
                        ("rule_set", models.IntegerField()),
                        ("cause", models.CharField(max_length=300)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "result_revisions",
                        "indexes": [
                            models.Index(fields=["transaction_id"], name="revisions_transaction")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("n__gte", 1), ("revision__gte", 1)),
                                name="revisions_from_1",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["matched", "mismatched", "in_flight"])
                                ),
                                name="revisions_status",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
