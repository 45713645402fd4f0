from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from uuid import UUID

from producers.scenario import SOURCES, FaultKind, Status, Transaction, transaction
from producers.telling import Event, Telling, tell

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
BEGINS = 40.0
LATE_AFTER = 90.0


def told(happened: Transaction, source: str) -> list[Telling]:
    return tell(happened, source, start_at=START, begins=BEGINS, late_after=LATE_AFTER)


def events(happened: Transaction, source: str) -> list[Event]:
    return [telling.event for telling in told(happened, source)]


def such(holds: Callable[[Transaction], bool], *, fault_rate: float = 0) -> Iterator[Transaction]:
    """The transactions of which this holds, without end."""
    for number in count():
        happened = transaction(seed=7, number=number, fault_rate=fault_rate)
        if holds(happened):
            yield happened


def with_fault(kind: FaultKind, outcome: Status = Status.SUCCESS) -> tuple[Transaction, str, str]:
    """A transaction, the source that is guilty of this fault, and an innocent one."""
    happened = next(
        such(
            lambda happened: (
                happened.fault is not None
                and happened.fault.kind is kind
                and happened.outcome is outcome
                and len(happened.channel.sources) > 1
            ),
            fault_rate=1,
        )
    )
    assert happened.fault is not None
    guilty = happened.fault.source
    return happened, guilty, next(name for name in happened.channel.sources if name != guilty)


def test_a_source_tells_nothing_of_a_channel_that_is_not_its_own() -> None:
    branch = next(such(lambda happened: happened.channel.name == "BRANCH"))
    assert [bool(told(branch, source)) for source in SOURCES] == [True, False, False]


def test_without_a_fault_all_sources_say_the_same() -> None:
    for happened in islice(such(lambda happened: len(happened.channel.sources) == 3), 300):
        contents = {
            frozenset(
                (event.status, event.amount, event.currency, event.account_id)
                for event in events(happened, source)
            )
            for source in SOURCES
        }
        assert len(contents) == 1


def test_clocks_of_the_sources_agree_within_a_second() -> None:
    for happened in islice(such(lambda happened: True), 300):
        for step in happened.steps:
            happens_at = START + timedelta(seconds=BEGINS + step.after)
            for source in happened.channel.sources:
                at = [e.occurred_at for e in events(happened, source) if e.status == step.status]
                assert at
                assert all(abs(each - happens_at) < timedelta(seconds=1) for each in at)


def test_nothing_is_published_before_it_happens() -> None:
    for happened in islice(such(lambda happened: True, fault_rate=0.5), 300):
        for source in SOURCES:
            for telling in told(happened, source):
                assert telling.at >= BEGINS
                if happened.fault is None:
                    assert START + timedelta(seconds=telling.at) > telling.event.occurred_at


def test_event_ids_are_canonical_and_their_own() -> None:
    tellings = [
        telling
        for happened in islice(such(lambda happened: True, fault_rate=0.1), 1000)
        for source in SOURCES
        for telling in told(happened, source)
    ]
    ids = {telling.event.event_id for telling in tellings}
    contents = {telling.event._replace(event_id="") for telling in tellings}
    assert all(str(UUID(event_id)) == event_id for event_id in ids)
    assert len(ids) >= len(contents)


def test_about_one_in_a_hundred_is_told_again_with_the_same_content() -> None:
    again = []
    for happened in islice(such(lambda happened: True), 3000):
        said = events(happened, "CORE")
        if len(said) > len(happened.steps):
            again.append(len({event.event_id for event in said}) == len(said))
            assert len({event._replace(event_id="") for event in said}) == len(happened.steps)
    assert 15 < len(again) < 60
    assert 0 < sum(again) < len(again)


def test_a_missing_source_says_nothing() -> None:
    happened, guilty, innocent = with_fault(FaultKind.MISSING)
    assert not told(happened, guilty)
    assert told(happened, innocent)


def test_a_late_source_says_the_same_later() -> None:
    happened, guilty, _ = with_fault(FaultKind.LATE)
    late, punctual = told(happened, guilty), told(happened._replace(fault=None), guilty)
    assert [telling.event for telling in late] == [telling.event for telling in punctual]
    assert [telling.at for telling in late] == [telling.at + LATE_AFTER for telling in punctual]


def test_a_wrong_status_is_the_opposite_one() -> None:
    happened, guilty, innocent = with_fault(FaultKind.STATUS)
    assert events(happened, guilty)[-1].status == "FAILED"
    assert events(happened, innocent)[-1].status == "SUCCESS"


def test_a_reversal_that_is_not_told_is_a_wrong_status() -> None:
    happened, guilty, innocent = with_fault(FaultKind.STATUS, Status.REVERSED)
    assert events(happened, guilty)[-1].status == "SUCCESS"
    assert events(happened, innocent)[-1].status == "REVERSED"


def test_a_wrong_amount_is_wrong_by_whole_units() -> None:
    happened, guilty, innocent = with_fault(FaultKind.AMOUNT)
    difference = events(happened, guilty)[-1].amount - events(happened, innocent)[-1].amount
    assert 10 <= difference <= 1000
    assert difference % 1 == 0


def test_a_wrong_clock_is_slow_beyond_any_tolerance() -> None:
    happened, guilty, innocent = with_fault(FaultKind.TIME)
    slow = events(happened, innocent)[-1].occurred_at - events(happened, guilty)[-1].occurred_at
    assert timedelta(seconds=9) < slow < timedelta(seconds=301)


def test_a_wrong_currency_and_a_wrong_account_are_others() -> None:
    for kind, field in ((FaultKind.CURRENCY, "currency"), (FaultKind.ACCOUNT, "account_id")):
        happened, guilty, innocent = with_fault(kind)
        wrong, right = events(happened, guilty)[-1], events(happened, innocent)[-1]
        assert getattr(wrong, field) != getattr(right, field)
        assert len(getattr(wrong, field)) == len(getattr(right, field))


def test_a_duplicate_is_a_second_posting() -> None:
    happened, guilty, _ = with_fault(FaultKind.DUPLICATE)
    first, second = events(happened, guilty)[-2:]
    assert first.status == second.status == "SUCCESS"
    assert first.event_id != second.event_id
    assert second.occurred_at == first.occurred_at + timedelta(seconds=2)


def test_an_unreadable_record_comes_in_addition() -> None:
    happened, guilty, _ = with_fault(FaultKind.UNREADABLE)
    spoilt = [telling for telling in told(happened, guilty) if telling.spoiling is not None]
    good = [telling for telling in told(happened, guilty) if telling.spoiling is None]
    assert len(spoilt) == 1
    assert good == told(happened._replace(fault=None), guilty)
