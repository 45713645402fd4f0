"""Everything that is in Kafka, judged apart from the product, against everything it has stored."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

import fastavro
from confluent_kafka import Message

from ingestion.tests.processes.stage import Stage
from ingestion.tests.processes.topics import SOURCES, Place
from producers.encoding import SCHEMA_TEXT
from reconciliation.events import Event
from reconciliation.feeds import Feeds
from reconciliation.rules import RuleSet
from reconciliation.tests.naive_reference import naive_verdict

SCHEMA = fastavro.parse_schema(json.loads(SCHEMA_TEXT))
FOR_EVER = Feeds(dict.fromkeys(SOURCES, datetime.max.replace(tzinfo=UTC)))
CLOCKS_DIFFER = timedelta(milliseconds=100)
"""The broker stamps a record in whole milliseconds, and a moment before it is there to be read."""


class DeadLetter(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: list[list[bytes | None]] | None
    reason: str


class Result(NamedTuple):
    """What is compared of a verdict."""

    status: str
    discrepancies: list[str]
    amount_at_risk: Decimal
    currency: str
    channel: str | None
    rule_set: int
    first_seen_at: datetime


def judge(stage: Stage) -> None:
    """Everything is stored once, and the verdicts are the reference's; to be called at rest."""
    invariants = stage.start_command("check_invariants", "--full")
    records, events, dead = stage.topics.read_back(), stored_events(stage), dead_letters(stage)
    assert sorted(records) == sorted([*events, *dead])
    for place, event in events.items():
        assert event[3:13] == read_event(records[place]), place
    for place, letter in dead.items():
        assert letter[:2] == (records[place].key(), records[place].value()), place
    by_transaction = defaultdict(list)
    for event in events.values():
        by_transaction[event.transaction_id].append(event)
    rule_sets = stored_rule_sets(stage)
    expected = {key: judged(told, rule_sets) for key, told in by_transaction.items()}
    assert stored_results(stage) == expected
    assert not list(missed_too_early(stage, by_transaction, rule_sets))
    assert invariants.exit_code() == 0


def judge_by_truth(stage: Stage) -> None:
    """What the producers injected is found, and nothing else."""
    truth, results = stage.truth(), stored_results(stage)
    found = {key: result.discrepancies for key, result in results.items()}
    assert found == {key: line["expected"] for key, line in truth.items()}
    assert {result.status for result in results.values()} == {"matched", "mismatched"}
    topics = stage.topics.names
    injected = Counter(
        (topics[line["guilty"]], key.encode(), reason)
        for key, line in truth.items()
        for reason in line["dead_letters"]
    )
    dead = dead_letters(stage).items()
    assert Counter((place.topic, letter.key, letter.reason) for place, letter in dead) == injected


def read_event(record: Message) -> tuple[Any, ...]:
    """The fields of the event that a record holds, read by fastavro alone."""
    value = record.value()
    assert value is not None
    event: Any = fastavro.schemaless_reader(BytesIO(value[5:]), SCHEMA, None)
    return (str(event.pop("event_id")), *event.values())


def judged(events: list[Event], rule_sets: list[RuleSet]) -> Result:
    """What the naive reference says once everything that will ever be published was read."""
    first_seen = min(event.received_at for event in events)
    rule_set = in_force(rule_sets, first_seen)
    verdict = naive_verdict(events, rule_set, FOR_EVER)
    return Result(
        verdict.status,
        sorted(verdict.discrepancies),
        verdict.amount_at_risk,
        verdict.currency,
        verdict.channel,
        rule_set.version,
        first_seen,
    )


def in_force(rule_sets: Iterable[RuleSet], at: datetime) -> RuleSet:
    return max(
        (rule_set for rule_set in rule_sets if rule_set.in_force_from <= at),
        key=lambda rule_set: rule_set.version,
    )


def missed_too_early(
    stage: Stage, events: Mapping[str, list[Event]], rule_sets: list[RuleSet]
) -> Iterable[str]:
    """Each time that a leg was called missing before it was due, or though it was in Kafka then.

    The journal keeps every verdict that ever was. All channels have the default's match window.
    """
    journal = stage.rows("SELECT transaction_id, discrepancies, at FROM result_revisions")
    for transaction_id, discrepancies, at in journal:
        first_seen = min(event.received_at for event in events[transaction_id])
        due = first_seen + in_force(rule_sets, first_seen).default.match_window
        for source in SOURCES:
            if f"MISSING_{source}" in discrepancies and (
                at < due or in_kafka(source, events[transaction_id], due - CLOCKS_DIFFER)
            ):
                yield f"{transaction_id}: {source} was called missing at {at}, due at {due}"


def in_kafka(source: str, events: Iterable[Event], before: datetime) -> bool:
    stamps = [event.kafka_timestamp for event in events if event.source == source]
    return any(stamp is not None and stamp < before for stamp in stamps)


def stored_events(stage: Stage) -> dict[Place, Event]:
    rows = stage.rows(
        """SELECT topic, partition, "offset", event_id, transaction_id, source, account_id, amount,
                  currency, status, occurred_at, channel, reference, kafka_timestamp, received_at
           FROM raw_events"""
    )
    return {Place(*row[:3]): Event(*row) for row in rows}


def dead_letters(stage: Stage) -> dict[Place, DeadLetter]:
    rows = stage.rows(
        'SELECT topic, partition, "offset", key, value, headers, reason FROM dead_letters'
    )
    return {Place(*row[:3]): DeadLetter(*row[3:]) for row in rows}


def stored_results(stage: Stage) -> dict[str, Result]:
    rows = stage.rows(
        """SELECT transaction_id, status, discrepancies, amount_at_risk, currency, channel,
                  rule_set, first_seen_at
           FROM reconciliation_results"""
    )
    return {transaction_id: Result(*columns) for transaction_id, *columns in rows}


def stored_rule_sets(stage: Stage) -> list[RuleSet]:
    rows = stage.rows("SELECT version, in_force_from, rules FROM rule_sets")
    return [RuleSet.from_document(*row) for row in rows]
