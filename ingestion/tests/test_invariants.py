from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from ingestion import invariants
from ingestion.batch import Batch, BatchStore
from ingestion.decoding import Reason, Record, Unreadable
from ingestion.invariants import FINDINGS_SHOWN, INVARIANTS, findings, judged_again
from ingestion.models import DeadLetter, KafkaOffset
from ingestion.offsets import Partition, Span
from ingestion.sweep import Sweeper
from reconciliation.inflight import InFlightCache
from reconciliation.lanes import count_lanes, lane_of
from reconciliation.models import RawEvent, ReconciliationResult
from reconciliation.rule_book import RuleBook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stored")]

RECORDS, DEAD, OUTSIDE, TWICE, JOURNAL, REVISIONS, DECIDED, DUE, TOTALS, MINUTES, RULES = (
    each.says for each in INVARIANTS
)
# Nothing listens there, so PostgreSQL alone is asked.
NO_CACHE = InFlightCache("redis://127.0.0.1:1")
KAFKA_TIME = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def record(source: str, offset: int, transaction_id: str, amount: int = 100) -> Record:
    """So much was moved, says `source`."""
    return Record(
        topic=settings.TOPICS[source],
        partition=0,
        offset=offset,
        event_id=str(uuid4()),
        transaction_id=transaction_id,
        source=source,
        account_id="AC1",
        amount=Decimal(amount),
        currency="INR",
        status="SUCCESS",
        occurred_at=KAFKA_TIME,
        channel="UPI",
        reference=None,
        kafka_timestamp=KAFKA_TIME,
    )


def unreadable(source: str, offset: int) -> Unreadable:
    reason = Reason.UNDECODABLE
    topic = settings.TOPICS[source]
    return Unreadable(topic, 0, offset, None, b"?", None, reason, "it ends early", KAFKA_TIME)


@pytest.fixture
def stored() -> None:
    """Three transactions (one matched, one disputed, one open) and a dead letter."""
    records = [
        *(record(source, 0, "matched") for source in settings.TOPICS),
        *(record(source, 1, "disputed") for source in ("CORE", "MOBILE")),
        record("GATEWAY", 1, "disputed", amount=90),
        record("CORE", 2, "open"),
    ]
    read = {"CORE": 4, "GATEWAY": 2, "MOBILE": 2}
    partitions = {source: Partition(topic, 0) for source, topic in settings.TOPICS.items()}
    batch = Batch(
        records=records,
        unreadable=[unreadable("CORE", 3)],
        spans={partitions[source]: Span(0, end) for source, end in read.items()},
        new_partitions=dict.fromkeys(partitions.values(), 0),
    )
    BatchStore(topics=settings.TOPICS, cache=NO_CACHE, rules=RuleBook()).store(batch)


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount


def broken() -> dict[str, list[str]]:
    """The sentences by what does not hold."""
    found = {each.says: sorted(findings(each)) for each in INVARIANTS}
    return {says: sentences for says, sentences in found.items() if sentences}


def judged_otherwise() -> list[str]:
    return list(judged_again(settings.TOPICS, progress=lambda judged: None))


def test_all_holds_after_a_batch() -> None:
    assert set(ReconciliationResult.objects.values_list("pk", "status")) == {
        ("matched", "matched"),
        ("disputed", "mismatched"),
    }
    assert not broken()
    assert not judged_otherwise()


# A statement, and the beginnings of the sentences that it must lead to.
TAMPERED: Mapping[str, tuple[str, Mapping[str, Sequence[str]]]] = {
    "an event is gone": (
        "DELETE FROM raw_events WHERE transaction_id = 'disputed' AND source = 'MOBILE'",
        {RECORDS: ["mobile_txns/0: 2 records were read, 1 events"]},
    ),
    "a dead letter is gone": (
        "DELETE FROM dead_letters",
        {
            RECORDS: ["core_txns/0: 4 records were read, 3 events"],
            DEAD: ["core_txns/0: 1 dead letters are counted, 0 are stored"],
        },
    ),
    "a dead letter counts as replayed, but brought no event": (
        "UPDATE dead_letters SET replayed_at = now()",
        {
            RECORDS: ["core_txns/0: 4 records were read, 3 events"],
            DEAD: ["core_txns/0: 1 dead letters are counted, 0 are stored"],
        },
    ),
    "an event's offset is a dead letter's, too": (
        'UPDATE dead_letters SET "offset" = 0',
        {TWICE: ["core_txns/0/0 is stored 2 times"]},
    ),
    "a dead letter was never counted": (
        "UPDATE kafka_offsets SET dead_letters = 0 WHERE topic = 'core_txns'",
        {DEAD: ["core_txns/0: 0 dead letters are counted, 1 are stored"]},
    ),
    "a total went wrong": (
        "UPDATE totals SET transactions = 3 WHERE status = 'matched'",
        {TOTALS: ['matched in "INR": the totals say 3']},
    ),
    "a total of what is in flight is gone": (
        "DELETE FROM totals WHERE status = 'in_flight'",
        {TOTALS: ['in_flight in "": the totals say 0']},
    ),
    "an amount at risk went wrong": (
        "UPDATE totals SET amount_at_risk = 0 WHERE status = 'mismatched'",
        {TOTALS: ['mismatched in "INR": the totals say 1 and 0.0000 at risk']},
    ),
    "a minute forgot a discrepancy": (
        "DELETE FROM minute_tallies WHERE kind = 'AMOUNT'",
        {MINUTES: ["AMOUNT in lane {lane} at"]},
    ),
    "a discrepancy was counted in another minute": (
        "UPDATE minute_tallies SET minute = minute + interval '1 minute' WHERE kind = 'AMOUNT'",
        {MINUTES: ["AMOUNT in lane {lane} at"] * 2},
    ),
    "records were counted wrongly": (
        "UPDATE kafka_offsets SET records = 1 WHERE topic = 'mobile_txns'",
        {RECORDS: ["mobile_txns/0: 1 records were read, 2 events"]},
    ),
    "an offset went back": (
        "UPDATE kafka_offsets SET next_offset = 1, records = 1 WHERE topic = 'gateway_txns'",
        {
            RECORDS: ["gateway_txns/0: 1 records were read, 2 events"],
            OUTSIDE: ["gateway_txns/0/1 is stored, but was not read"],
        },
    ),
    "an offset is gone": (
        "DELETE FROM kafka_offsets WHERE topic = 'gateway_txns'",
        {OUTSIDE: [f"gateway_txns/0/{offset} is stored, but was not read" for offset in (0, 1)]},
    ),
    "a lane counts further than its journal": (
        "UPDATE lanes SET n = 2 WHERE lane = {lane}",
        {JOURNAL: ["lane {lane} is at 2, its journal has 1 rows from 1 to 1"]},
    ),
    "a journal has a gap": (
        "UPDATE result_revisions SET n = 2 WHERE lane = {lane}",
        {JOURNAL: ["lane {lane} is at 1, its journal has 1 rows from 2 to 2"]},
    ),
    "a revision is gone": (
        "DELETE FROM result_revisions WHERE transaction_id = 'disputed'",
        {
            JOURNAL: ["lane {lane} is at 1, its journal has"],
            REVISIONS: ["disputed is at revision 1, its journal has 0, the last one 0"],
            MINUTES: ["AMOUNT in lane {lane} at", "mismatched in lane {lane} at"],
        },
    ),
    "a revision has another number": (
        "UPDATE result_revisions SET revision = 2 WHERE transaction_id = 'disputed'",
        {REVISIONS: ["disputed is at revision 1, its journal has 1, the last one 2"]},
    ),
    "a verdict was changed": (
        "UPDATE reconciliation_results SET status = 'matched', discrepancies = '{{}}', "
        "amount_at_risk = 0 WHERE transaction_id = 'disputed'",
        {
            REVISIONS: ["disputed is at revision 1, its journal has 1, the last one 1"],
            TOTALS: ['matched in "INR": the totals say 1', 'mismatched in "INR": the totals say 1'],
        },
    ),
    "an amount at risk was changed": (
        "UPDATE reconciliation_results SET amount_at_risk = 1 WHERE transaction_id = 'disputed'",
        {
            REVISIONS: ["disputed is at revision 1, its journal has 1, the last one 1"],
            TOTALS: ['mismatched in "INR": the totals say 1'],
        },
    ),
    "a result is gone": (
        "DELETE FROM reconciliation_results WHERE transaction_id = 'disputed'",
        {
            REVISIONS: ["disputed is at revision"],
            DECIDED: ["disputed has an event, but no result and is not open"],
            TOTALS: ['mismatched in "INR": the totals say 1'],
        },
    ),
    "an open transaction is gone": (
        "DELETE FROM open_transactions",
        {
            DECIDED: ["open has an event, but no result and is not open"],
            TOTALS: ['in_flight in "": the totals say 1'],
        },
    ),
    "a version of the rules came in between": (
        "INSERT INTO rule_sets SELECT 2, rules, '2020-01-01', '' FROM rule_sets",
        {RULES: [f"{each} was judged by rule set 1, but first seen under 2" for each in
                 ("disputed", "matched")]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), TAMPERED.values(), ids=TAMPERED)
def test_it_is_found_that(statement: str, expected: Mapping[str, Sequence[str]]) -> None:
    lane = lane_of("disputed", count_lanes())
    tamper(statement.format(lane=lane))
    found = broken()
    assert found.keys() == expected.keys()
    for says, beginnings in expected.items():
        for sentence, beginning in zip(found[says], beginnings, strict=True):
            assert sentence.startswith(beginning.format(lane=lane))


def test_an_event_that_is_stored_again_a_month_later_is_found() -> None:
    event = RawEvent.objects.get(transaction_id="open")
    event.pk = None
    event.received_at += timedelta(days=31)
    event.save(force_insert=True)
    assert broken() == {
        RECORDS: ["core_txns/0: 4 records were read, 4 events and 1 dead letters are stored"],
        TWICE: ["core_txns/0/2 is stored 2 times"],
    }


def test_a_dead_letter_that_was_replayed_leaves_its_place_to_its_event() -> None:
    event = RawEvent.objects.get(transaction_id="open")
    event.pk, event.offset = None, 3
    event.save(force_insert=True)
    assert TWICE in broken()
    tamper("UPDATE dead_letters SET replayed_at = now()")
    tamper("UPDATE kafka_offsets SET dead_letters = 0 WHERE topic = 'core_txns'")
    assert not broken()


def test_an_open_transaction_without_a_time_is_found() -> None:
    # The table refuses one, as long as it has this constraint.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE open_transactions DROP CONSTRAINT open_transactions_due")
    tamper("UPDATE open_transactions SET due_core = NULL, due_gateway = NULL, due_mobile = NULL")
    assert broken() == {DUE: ["open is open without end"]}


def test_of_many_findings_the_first_are_told_and_how_many_more() -> None:
    KafkaOffset.objects.bulk_create(
        KafkaOffset(topic="other", partition=number, first_offset=0, next_offset=9, records=9)
        for number in range(FINDINGS_SHOWN + 3)
    )
    sentences = findings(INVARIANTS[0])
    assert len(sentences) == FINDINGS_SHOWN + 1
    assert sentences[-1] == "and 3 more"


def test_as_many_findings_as_are_shown_leave_no_more() -> None:
    DeadLetter.objects.bulk_create(
        DeadLetter(
            topic="other",
            partition=0,
            offset=offset,
            reason=Reason.UNDECODABLE,
            detail="",
            received_at=KAFKA_TIME,
        )
        for offset in range(FINDINGS_SHOWN)
    )
    assert len(broken()[OUTSIDE]) == FINDINGS_SHOWN
    assert "more" not in broken()[OUTSIDE][-1]


def test_judging_again_finds_a_verdict_that_was_changed_together_with_its_journal() -> None:
    for table in ("reconciliation_results", "result_revisions"):
        tamper(
            f"UPDATE {table} SET status = 'matched', discrepancies = '{{}}', amount_at_risk = 0 "
            "WHERE transaction_id = 'disputed'"
        )
    assert broken().keys() == {TOTALS, MINUTES}
    (sentence,) = judged_otherwise()
    assert sentence.startswith("disputed is stored as ('matched', (), Decimal('0.0000'))")
    assert "'AMOUNT'" in sentence


def test_judging_again_finds_that_an_event_is_gone() -> None:
    tamper("DELETE FROM raw_events WHERE transaction_id = 'matched' AND source = 'CORE'")
    (sentence,) = judged_otherwise()
    assert sentence.startswith("matched is stored as ('matched'")


def read_all_sources_to_the_end() -> None:
    tamper("UPDATE kafka_offsets SET read_until = now() + interval '1 day'")


def test_a_transaction_that_is_due_and_not_yet_swept_is_let_be() -> None:
    read_all_sources_to_the_end()
    assert not judged_otherwise()


def test_a_transaction_that_was_swept_is_judged_the_same() -> None:
    read_all_sources_to_the_end()
    assert Sweeper(topics=settings.TOPICS, cache=NO_CACHE, rules=RuleBook()).sweep() == 1
    assert ReconciliationResult.objects.get(pk="open").status == "mismatched"
    assert not judged_otherwise()


def test_a_transaction_that_waits_too_long_is_found() -> None:
    read_all_sources_to_the_end()
    later = "now() + interval '1 year'"
    tamper(f"UPDATE open_transactions SET due_gateway = {later}, due_mobile = {later}")
    (sentence,) = judged_otherwise()
    assert sentence.startswith("open is stored as ('in_flight', (), 0)")
    assert "'MISSING_GATEWAY', 'MISSING_MOBILE'" in sentence


def test_every_page_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariants, "PAGE", 2)
    tamper("DELETE FROM raw_events WHERE source = 'GATEWAY'")
    progress: list[int] = []
    assert len(list(judged_again(settings.TOPICS, progress.append))) == 2
    assert progress == [2, 3]


def test_the_migrations_count_what_was_stored_before_figures_were_kept() -> None:
    figures = import_module("reconciliation.migrations.0004_kept_figures")
    partitions = import_module("ingestion.migrations.0002_kept_figures")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM totals; DELETE FROM minute_tallies")
        cursor.execute("UPDATE kafka_offsets SET dead_letters = 0")
        assert broken().keys() == {DEAD, TOTALS, MINUTES}
        cursor.execute(figures.COUNT_TOTALS)
        cursor.execute(figures.COUNT_MINUTES)
        cursor.execute(partitions.COUNT)
    assert not broken()
