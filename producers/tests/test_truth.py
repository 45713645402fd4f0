"""What the truth file expects is what the naive reference finds in the readable events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, islice

from producers.scenario import CHANNELS, SOURCES, FaultKind, Transaction, transaction
from producers.telling import Telling, tell
from producers.truth import dead_letters, expected, expected_meanwhile, line
from reconciliation.events import Event
from reconciliation.feeds import Feeds
from reconciliation.rules import Rules, RuleSet
from reconciliation.tests.naive_reference import NaiveVerdict, naive_verdict

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATE_AFTER = 90.0
DEFAULT = Rules(
    expected=SOURCES,
    match_window=timedelta(seconds=60),
    pending_window=timedelta(hours=2),
    timestamp_tolerance=timedelta(seconds=5),
    amount_tolerance=Decimal(0),
    amount_tolerance_by_currency={},
)
RULES = RuleSet(
    version=1,
    in_force_from=START,
    default=DEFAULT,
    channels={
        channel.name: Rules.from_document(
            DEFAULT.to_document() | {"expected": [source.lower() for source in channel.sources]}
        )
        for channel in CHANNELS
    },
)


def told(happened: Transaction) -> list[Telling]:
    """What all sources tell, in the order of publishing."""
    tellings = [
        telling
        for source in SOURCES
        for telling in tell(happened, source, start_at=START, begins=0, late_after=LATE_AFTER)
    ]
    return sorted(tellings, key=lambda telling: telling.at)


def judged(happened: Transaction, until: float) -> NaiveVerdict:
    """The verdict when every source has been read up to `until`, in seconds after the start."""
    at = START + timedelta(seconds=until)
    events = [
        Event("", 0, n, *telling.event, None, START + timedelta(seconds=telling.at))
        for n, telling in enumerate(told(happened))
        if telling.spoiling is None and telling.at <= until
    ]
    return naive_verdict(events, RULES, Feeds(dict.fromkeys(SOURCES, at)))


def faulty(kind: FaultKind | None = None) -> Iterator[Transaction]:
    """The transactions with this fault, or any, without end."""
    for number in count():
        happened = transaction(seed=3, number=number, fault_rate=1)
        if kind is None or (happened.fault is not None and happened.fault.kind is kind):
            yield happened


def test_at_rest_the_naive_reference_finds_what_is_expected() -> None:
    for happened in islice(faulty(), 3000):
        verdict = judged(happened, until=86_400)
        assert sorted(verdict.discrepancies) == expected(happened), happened
        assert verdict.status == ("mismatched" if expected(happened) else "matched"), happened


def test_a_transaction_without_a_fault_is_never_mismatched() -> None:
    for number in range(1000):
        happened = transaction(seed=4, number=number, fault_rate=0)
        for telling in told(happened):
            assert judged(happened, until=telling.at).status != "mismatched", happened
        assert judged(happened, until=86_400).status == "matched", happened


def test_a_late_source_is_missing_until_it_arrives() -> None:
    for happened in islice(faulty(FaultKind.LATE), 50):
        meanwhile = judged(happened, until=LATE_AFTER - 1)
        assert sorted(meanwhile.discrepancies) == expected_meanwhile(happened), happened


def test_an_unreadable_record_yields_a_dead_letter_alone() -> None:
    for happened in islice(faulty(FaultKind.UNREADABLE), 50):
        spoilt = [telling.spoiling.reason for telling in told(happened) if telling.spoiling]
        assert spoilt == dead_letters(happened)
        assert not expected(happened)


def test_the_three_files_agree_but_for_what_each_source_published() -> None:
    for happened in islice(faulty(), 300):
        lines = [json.loads(line(happened, source, told(happened))) for source in SOURCES]
        own = [{each.pop("source"): each.pop("published")} for each in lines]
        assert lines[0] == lines[1] == lines[2]
        assert [*own[0], *own[1], *own[2]] == list(SOURCES)


def test_a_line_tells_everything() -> None:
    happened = next(faulty(FaultKind.MISSING))
    assert happened.fault is not None
    guilty = happened.fault.source
    assert json.loads(line(happened, guilty, [])) == {
        "transaction_id": happened.transaction_id,
        "channel": happened.channel.name,
        "outcome": "SUCCESS",
        "source": guilty,
        "published": [],
        "fault": "missing",
        "guilty": guilty,
        "expected": [f"MISSING_{guilty}"],
        "expected_meanwhile": None,
        "dead_letters": [],
    }


def test_published_leaves_out_what_cannot_be_read() -> None:
    happened = next(faulty(FaultKind.UNREADABLE))
    assert happened.fault is not None
    guilty = happened.fault.source
    tellings = tell(happened, guilty, start_at=START, begins=0, late_after=LATE_AFTER)
    published = json.loads(line(happened, guilty, tellings))["published"]
    assert len(published) == len(tellings) - 1
