"""Fill a migrated, empty database with transactions as the product keeps them.

    DATABASE_OWNER_URL=postgres://… python benchmarks/fill_tables.py 1000000

For measuring what is read, not for trying out what is judged: the rows agree
with each other as far as they are shown, but lanes go round instead of by id,
and each transaction has one event from each source. They are spread over the
day until now, as far as it lies in this month, for which alone there are
tables; two thousand share one batch, and so one time.
"""

from __future__ import annotations

import argparse
import os

import psycopg

BATCH = 2000
# Without a result, the last to arrive: one in so many.
OPEN = 1000

# `i` decides everything: 2 % differ in their amounts, 1 % lack a source, half a
# percent differ in status and time, and half a percent were healed.
MADE = """
CREATE TEMP TABLE made AS
WITH scale AS (
    SELECT greatest(now() - interval '1 day', date_trunc('month', now(), 'UTC')) AS start,
           (SELECT count(*) FROM lanes) AS lanes),
numbered AS (
    SELECT i, start + (now() - start) * (i / {batch} * {batch} / {count}::float) AS at,
           (i % lanes)::smallint AS lane
    FROM generate_series(0::bigint, {count} - 1) AS i, scale)
SELECT i, at, lane,
       'TXN-' || lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || '-' || i AS transaction_id,
       (100 + i * 7919 % 9000000 / 100.0)::numeric(19, 4) AS amount,
       (ARRAY['INR', 'INR', 'INR', 'INR', 'INR', 'INR', 'USD', 'USD', 'EUR', 'JPY'])
           [(1 + i / 7 % 10)::int] AS currency,
       (ARRAY['UPI', 'CARD', 'ATM', 'NETBANKING'])[(1 + i / 3 % 4)::int] AS channel,
       CASE WHEN i % 50 = 0 THEN '{{AMOUNT}}' WHEN i % 100 = 1 THEN '{{MISSING_MOBILE}}'
            WHEN i % 200 = 2 THEN '{{STATUS,TIMESTAMP}}' ELSE '{{}}' END::varchar[]
           AS discrepancies,
       i % 200 = 3 AS healed,
       i < {count} - {count} / {open} AS decided
FROM numbered;
ANALYZE made
"""

LEGS = """
CREATE TEMP TABLE legs AS
SELECT i, source, place, lower(source) AS label,
       amount + (discrepancies @> '{{AMOUNT}}' AND source = 'GATEWAY')::int * 10 AS amount,
       CASE WHEN discrepancies @> '{{STATUS}}' AND source = 'GATEWAY' THEN 'FAILED'
            ELSE 'SUCCESS' END AS status,
       at - interval '2 seconds'
           - (discrepancies @> '{{TIMESTAMP}}' AND source = 'MOBILE')::int * interval '1 minute'
           AS occurred_at
FROM made, unnest(ARRAY['CORE', 'GATEWAY', 'MOBILE']) WITH ORDINALITY AS told (source, place)
WHERE source <> 'MOBILE' OR NOT discrepancies @> '{{MISSING_MOBILE}}';
ANALYZE legs
"""

EVENTS = """
INSERT INTO raw_events (topic, partition, "offset", event_id, transaction_id, source, account_id,
                        amount, currency, status, occurred_at, channel, reference,
                        kafka_timestamp, received_at)
SELECT label || '_txns', lane, i, gen_random_uuid()::text, transaction_id, source,
       'ACC-' || i % 100000, legs.amount, currency, status, occurred_at, channel, 'REF-' || i,
       at - interval '50 milliseconds', at
FROM legs JOIN made USING (i) ORDER BY i
"""

RESULTS = """
INSERT INTO reconciliation_results (
    transaction_id, status, discrepancies, details, legs, channel, currency, amount_at_risk,
    rule_set, revision, first_seen_at, decided_at, mismatched_at, healed_at, updated_at)
SELECT transaction_id, CASE WHEN discrepancies = '{{}}' THEN 'matched' ELSE 'mismatched' END,
       discrepancies,
       coalesce((SELECT jsonb_object_agg(name, jsonb_build_object('values', seen.amounts))
                 FROM unnest(discrepancies) AS name), '{{}}'),
       seen.legs, channel, currency,
       CASE WHEN discrepancies = '{{}}' THEN 0 WHEN discrepancies = '{{AMOUNT}}' THEN 10
            ELSE made.amount END,
       1, 1 + healed::int, at, at,
       CASE WHEN healed OR discrepancies <> '{{}}' THEN at END, CASE WHEN healed THEN at END, at
FROM made JOIN (
    SELECT i, jsonb_object_agg(label, legs.amount::text) AS amounts,
           jsonb_object_agg(label, jsonb_build_object(
               'status', legs.status, 'amount', legs.amount::text, 'currency', currency,
               'account_id', 'ACC-' || i % 100000, 'occurred_at', occurred_at,
               'channel', channel, 'reference', 'REF-' || i)) AS legs
    FROM legs JOIN made USING (i) GROUP BY i
) AS seen USING (i)
WHERE decided ORDER BY i;
ANALYZE reconciliation_results
"""

REVISIONS = """
INSERT INTO result_revisions (lane, n, transaction_id, revision, status, discrepancies,
                              amount_at_risk, rule_set, cause, at)
SELECT lane, row_number() OVER (PARTITION BY lane ORDER BY i, step), transaction_id, step,
       CASE WHEN step < revision THEN 'mismatched' ELSE result.status END,
       CASE WHEN step < revision THEN '{{AMOUNT}}' ELSE result.discrepancies END,
       CASE WHEN step < revision THEN 10 ELSE result.amount_at_risk END,
       1, 'core_txns/' || lane || '/' || i, at
FROM made JOIN reconciliation_results AS result USING (transaction_id),
     generate_series(1, revision) AS step
ORDER BY i, step
"""

OPEN_TRANSACTIONS = """
INSERT INTO open_transactions (transaction_id, lane, first_seen_at, due_mobile)
SELECT transaction_id, lane, at, at + interval '2 minutes' FROM made WHERE NOT decided
"""

DEAD_LETTERS = """
INSERT INTO dead_letters (topic, partition, "offset", value, reason, detail, received_at)
SELECT 'core_txns', lane, {count} + i, decode(repeat('00', 300), 'hex'), 'undecodable',
       'it ends early', at
FROM made WHERE i % 50 = 7
"""

FIGURES = """
UPDATE lanes SET n = journal.n
FROM (SELECT lane, max(n) AS n FROM result_revisions GROUP BY lane) AS journal
WHERE lanes.lane = journal.lane;

INSERT INTO totals (lane, status, currency, transactions, amount_at_risk)
SELECT lane, status, result.currency, count(*), sum(amount_at_risk)
FROM made JOIN reconciliation_results AS result USING (transaction_id) GROUP BY 1, 2, 3
UNION ALL SELECT lane, 'in_flight', '', count(*), 0 FROM made WHERE NOT decided GROUP BY lane;

INSERT INTO minute_tallies (minute, lane, kind, transactions)
SELECT date_trunc('minute', at, 'UTC'), lane, kind, count(*)
FROM result_revisions, unnest(discrepancies || CASE
    WHEN status = 'matched' AND revision > 1 THEN 'healed' ELSE status END) AS kind
GROUP BY 1, 2, 3;

INSERT INTO kafka_offsets (topic, partition, first_offset, next_offset, records, dead_letters,
                           last_record_at, read_until)
SELECT topic, partition, 0, max("offset") + 1, count(*), count(*) FILTER (WHERE dead),
       max(received_at), now()
FROM (SELECT topic, partition, "offset", received_at, false AS dead FROM raw_events
      UNION ALL SELECT topic, partition, "offset", received_at, true FROM dead_letters) AS record
GROUP BY 1, 2
"""

STEPS = (MADE, LEGS, EVENTS, RESULTS, REVISIONS, OPEN_TRANSACTIONS, DEAD_LETTERS, FIGURES)


def fill(session: psycopg.Connection, count: int) -> None:
    with session.transaction():
        for table in ("reconciliation_results", "raw_events", "dead_letters", "kafka_offsets"):
            if session.execute(f"SELECT FROM {table} LIMIT 1").fetchone():
                raise SystemExit(f"{table} is not empty: nothing was done.")
        for step in STEPS:
            session.execute(step.format(count=count, batch=BATCH, open=OPEN).encode())
    session.execute("VACUUM ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("transactions", type=int, help="how many; a million takes some minutes")
    asked = parser.parse_args()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as session:
        fill(session, asked.transactions)


if __name__ == "__main__":
    main()
