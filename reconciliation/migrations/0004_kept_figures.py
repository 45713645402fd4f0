"""The kept figures, counted once for what is there already, and the orders that lists offer."""

from __future__ import annotations

from django.db import migrations, models

COUNT_TOTALS = """
INSERT INTO totals (lane, status, currency, transactions, amount_at_risk)
SELECT lane, result.status, currency, count(*), sum(result.amount_at_risk)
FROM reconciliation_results AS result
JOIN result_revisions AS first ON first.transaction_id = result.transaction_id
    AND first.revision = 1
GROUP BY 1, 2, 3
UNION ALL
SELECT lane, 'in_flight', '', count(*), 0
FROM open_transactions AS open
WHERE NOT EXISTS (SELECT FROM reconciliation_results AS result
                  WHERE result.transaction_id = open.transaction_id)
GROUP BY lane
"""

# A match after a mismatch is a healing, be the transaction in flight between them.
COUNT_MINUTES = """
WITH step AS (
    SELECT date_trunc('minute', at, 'UTC') AS minute, lane, status, discrepancies,
           lag(status) OVER history AS status_before,
           lag(discrepancies) OVER history AS discrepancies_before,
           max(revision) FILTER (WHERE status = 'mismatched') OVER before AS last_mismatched,
           max(revision) FILTER (WHERE status = 'matched') OVER before AS last_matched
    FROM result_revisions
    WINDOW history AS (PARTITION BY transaction_id ORDER BY revision),
           before AS (history ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
kinds AS (
    SELECT minute, lane,
           CASE WHEN status = 'matched' AND last_mismatched > coalesce(last_matched, 0)
                THEN 'healed' ELSE status END AS kind
    FROM step WHERE status <> 'in_flight' AND status IS DISTINCT FROM status_before
    UNION ALL
    SELECT minute, lane, discrepancy FROM step, unnest(discrepancies) AS discrepancy
    WHERE (discrepancy = ANY(discrepancies_before)) IS NOT TRUE)
INSERT INTO minute_tallies (minute, lane, kind, transactions)
SELECT minute, lane, kind, count(*) FROM kinds GROUP BY 1, 2, 3
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reconciliation", "0003_lanes_and_first_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="MinuteTally",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "minute",
                        "lane",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("lane", models.SmallIntegerField()),
                ("kind", models.CharField(max_length=15)),
                ("transactions", models.IntegerField()),
            ],
            options={
                "db_table": "minute_tallies",
            },
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "lane",
                        "status",
                        "currency",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("lane", models.SmallIntegerField()),
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
                ("currency", models.CharField(blank=True, max_length=3)),
                ("transactions", models.BigIntegerField()),
                ("amount_at_risk", models.DecimalField(decimal_places=4, max_digits=38)),
            ],
            options={
                "db_table": "totals",
            },
        ),
        migrations.AddIndex(
            model_name="reconciliationresult",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("transaction_id"), descending=True),
                name="results_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="reconciliationresult",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("transaction_id"), descending=True),
                condition=models.Q(("status", "mismatched")),
                name="results_newest_mismatched",
            ),
        ),
        migrations.AddIndex(
            model_name="reconciliationresult",
            index=models.Index(
                models.OrderBy(models.F("amount_at_risk"), descending=True),
                models.OrderBy(models.F("transaction_id"), descending=True),
                condition=models.Q(("status", "mismatched")),
                name="results_most_at_risk",
            ),
        ),
        migrations.RunSQL(COUNT_TOTALS, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT_MINUTES, migrations.RunSQL.noop),
    ]
