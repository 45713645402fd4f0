"""What must hold at any moment, between any two commits, whatever was killed.

The first checks are SQL over one snapshot: each finds rows that should not be
there. `judged_again` judges every transaction anew from its events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from django.db import connection

from ingestion.offsets import read_feeds
from reconciliation.feeds import Feeds
from reconciliation.matching import judge
from reconciliation.models import RawEvent
from reconciliation.rule_book import RuleBook
from reconciliation.rules import rule_set_at
from reconciliation.standings import Standing, load_standings

PAGE = 2000
FINDINGS_SHOWN = 20


class Invariant(NamedTuple):
    """`says` is what holds; `broken` selects a sentence for each row where it does not."""

    says: str
    broken: str


INVARIANTS = (
    Invariant(
        "every record between a partition's first and next offset is one event or one dead letter",
        """
        SELECT format('%s/%s: %s records were read, %s events and %s dead letters are stored',
                      topic, partition, records, coalesce(events, 0), coalesce(dead, 0))
        FROM kafka_offsets
        LEFT JOIN (SELECT topic, partition, count(*) AS events FROM raw_events GROUP BY 1, 2)
            AS raw USING (topic, partition)
        LEFT JOIN (SELECT topic, partition, count(*) AS dead FROM dead_letters
                   WHERE replayed_at IS NULL GROUP BY 1, 2) AS letters USING (topic, partition)
        WHERE records <> coalesce(events, 0) + coalesce(dead, 0)
        """,
    ),
    Invariant(
        "each partition's dead letters are counted until they are replayed",
        """
        SELECT format('%s/%s: %s dead letters are counted, %s are stored',
                      topic, partition, kafka_offsets.dead_letters, coalesce(dead, 0))
        FROM kafka_offsets
        LEFT JOIN (SELECT topic, partition, count(*) AS dead FROM dead_letters
                   WHERE replayed_at IS NULL GROUP BY 1, 2) AS letters USING (topic, partition)
        WHERE kafka_offsets.dead_letters <> coalesce(dead, 0)
        """,
    ),
    Invariant(
        "no event and no dead letter lies outside what its partition was read",
        """
        SELECT format('%s/%s/%s is stored, but was not read', topic, partition, "offset")
        FROM (SELECT topic, partition, "offset" FROM raw_events
              UNION ALL SELECT topic, partition, "offset" FROM dead_letters) AS stored
        LEFT JOIN kafka_offsets USING (topic, partition)
        WHERE ("offset" >= first_offset AND "offset" < next_offset) IS NOT TRUE
        """,
    ),
    Invariant(
        "no record is stored twice",
        """
        SELECT format('%s/%s/%s is stored %s times', topic, partition, "offset", count(*))
        FROM (SELECT topic, partition, "offset" FROM raw_events
              UNION ALL SELECT topic, partition, "offset" FROM dead_letters
              WHERE replayed_at IS NULL) AS stored
        GROUP BY topic, partition, "offset" HAVING count(*) > 1
        """,
    ),
    Invariant(
        "each lane's journal counts from 1 to the lane's number without a gap",
        """
        SELECT format('lane %s is at %s, its journal has %s rows from %s to %s',
                      lane, lanes.n, coalesce(rows, 0), coalesce(first, 0), coalesce(last, 0))
        FROM lanes LEFT JOIN (
            SELECT lane, count(*) AS rows, min(n) AS first, max(n) AS last
            FROM result_revisions GROUP BY lane) AS journal USING (lane)
        WHERE coalesce(rows, 0) <> lanes.n OR (lanes.n > 0 AND (first <> 1 OR last <> lanes.n))
        """,
    ),
    Invariant(
        "each result is its last revision, and its revisions count from 1",
        """
        SELECT format('%s is at revision %s, its journal has %s, the last one %s',
                      transaction_id, coalesce(result.revision, 0), coalesce(rows, 0),
                      coalesce(last.revision, 0))
        FROM reconciliation_results AS result
        FULL JOIN (SELECT transaction_id, count(*) AS rows FROM result_revisions GROUP BY 1)
            AS journal USING (transaction_id)
        LEFT JOIN LATERAL (
            SELECT revision, status, discrepancies, amount_at_risk, rule_set
            FROM result_revisions WHERE transaction_id = result.transaction_id
            ORDER BY revision DESC LIMIT 1) AS last ON true
        WHERE (result.revision, result.status, result.discrepancies, result.amount_at_risk,
               result.rule_set, rows)
            IS DISTINCT FROM (last.revision, last.status, last.discrepancies,
                              last.amount_at_risk, last.rule_set, last.revision::bigint)
        """,
    ),
    Invariant(
        "every transaction of which there is an event has a result or is open, or both",
        """
        SELECT DISTINCT format('%s has an event, but no result and is not open', transaction_id)
        FROM raw_events
        WHERE NOT EXISTS (SELECT FROM reconciliation_results AS result
                          WHERE result.transaction_id = raw_events.transaction_id)
        AND NOT EXISTS (SELECT FROM open_transactions AS open
                        WHERE open.transaction_id = raw_events.transaction_id)
        """,
    ),
    Invariant(
        "every open transaction has a time at which it is due",
        "SELECT format('%s is open without end', transaction_id) FROM open_transactions "
        "WHERE due IS NULL",
    ),
    Invariant(
        "the totals are those of the results and of what was never decided",
        """
        SELECT format('%s in "%s": the totals say %s and %s at risk, it is %s and %s',
                      status, currency, coalesce(told, 0), coalesce(risk_told, 0),
                      coalesce(counted, 0), coalesce(risk, 0))
        FROM (SELECT status, currency, sum(transactions) AS told, sum(amount_at_risk) AS risk_told
              FROM totals GROUP BY 1, 2) AS totals
        FULL JOIN (
            SELECT status, currency, count(*) AS counted, sum(amount_at_risk) AS risk
            FROM reconciliation_results GROUP BY 1, 2
            UNION ALL
            SELECT 'in_flight', '', count(*), 0 FROM open_transactions AS open
            WHERE NOT EXISTS (SELECT FROM reconciliation_results AS result
                              WHERE result.transaction_id = open.transaction_id)) AS counts
            USING (status, currency)
        WHERE (coalesce(told, 0), coalesce(risk_told, 0))
            <> (coalesce(counted, 0), coalesce(risk, 0))
        """,
    ),
    Invariant(
        "each minute's tallies are what the journal says of it",
        """
        WITH step AS (
            SELECT date_trunc('minute', at, 'UTC') AS minute, lane, status, discrepancies,
                   lag(status) OVER history AS status_before,
                   lag(discrepancies) OVER history AS discrepancies_before
            FROM result_revisions
            WINDOW history AS (PARTITION BY transaction_id ORDER BY revision)),
        journal AS (
            SELECT minute, lane, status AS kind, count(*) FROM step
            WHERE status <> 'in_flight' AND status IS DISTINCT FROM status_before GROUP BY 1, 2, 3
            UNION ALL
            SELECT minute, lane, discrepancy, count(*)
            FROM step, unnest(discrepancies) AS discrepancy
            WHERE (discrepancy = ANY(discrepancies_before)) IS NOT TRUE GROUP BY 1, 2, 3),
        tallied AS (
            SELECT minute, lane, CASE kind WHEN 'healed' THEN 'matched' ELSE kind END AS kind,
                   sum(transactions) AS count
            FROM minute_tallies GROUP BY 1, 2, 3)
        SELECT format('%s in lane %s at %s: the minute tells of %s, the journal of %s',
                      kind, lane, minute, coalesce(tallied.count, 0), coalesce(journal.count, 0))
        FROM journal FULL JOIN tallied USING (minute, lane, kind)
        WHERE coalesce(tallied.count, 0) <> coalesce(journal.count, 0)
        """,
    ),
    Invariant(
        "every result was judged by the rules in force when its transaction was first seen",
        """
        SELECT format('%s was judged by rule set %s, but first seen under %s',
                      transaction_id, rule_set, in_force)
        FROM reconciliation_results, LATERAL (
            SELECT coalesce(max(version) FILTER (WHERE in_force_from <= first_seen_at),
                            min(version)) AS in_force FROM rule_sets) AS versions
        WHERE rule_set <> in_force
        """,
    ),
)


def findings(invariant: Invariant) -> list[str]:
    """The sentences about rows that break `invariant`: the first of them, and how many more."""
    with connection.cursor() as cursor:
        cursor.execute(invariant.broken)
        sentences = [row[0] for row in cursor.fetchmany(FINDINGS_SHOWN)]
        more = len(cursor.fetchall())
    return [*sentences, f"and {more} more"] if more else sentences


def judged_again(topics: Mapping[str, str], progress: Callable[[int], None]) -> Iterator[str]:
    """Judge every transaction from its events; a sentence for each that is stored otherwise.

    `progress` is told how many have been judged. A transaction that has become
    due and waits for the sweep is not wrong yet.
    """
    feeds = read_feeds(topics)
    versions = RuleBook().current()
    after, judged = "", 0
    while page := _transactions(after):
        for transaction_id, standing in load_standings(page).items():
            first_seen = min(event.received_at for event in standing.events)
            judgement = judge(standing.events, rule_set_at(versions, first_seen), feeds)
            verdict = judgement.verdict
            told = (verdict.status, verdict.discrepancies, verdict.amount_at_risk)
            if _is_due(standing, feeds) or told == _stored(standing):
                continue
            yield f"{transaction_id} is stored as {_stored(standing)}, but judged as {told}"
        judged += len(page)
        after = page[-1]
        progress(judged)


def count_transactions() -> int:
    return RawEvent.objects.values("transaction_id").distinct().count()


def _transactions(after: str) -> list[str]:
    """The next page of transaction ids."""
    ids = RawEvent.objects.filter(transaction_id__gt=after).order_by("transaction_id")
    return list(ids.values_list("transaction_id", flat=True).distinct()[:PAGE])


def _stored(standing: Standing) -> tuple[object, ...]:
    if standing.result is None:
        return ("in_flight", (), 0)
    return standing.result[:3]


def _is_due(standing: Standing, feeds: Feeds) -> bool:
    return any(
        source in feeds.read_until and feeds.read_until[source] >= due
        for source, due in standing.waits.items()
    )
