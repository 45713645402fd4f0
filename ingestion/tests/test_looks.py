from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import RealTopics, wait_until
from ingestion import broker as broker_module
from ingestion import looks
from ingestion.broker import Broker, TopicMissing
from ingestion.kafka import client_config
from ingestion.looks import SECONDS_BETWEEN, Lookout
from ingestion.offsets import Look, Partition
from reconciliation.tests.strategies import TEN

Logged = Callable[[str], list[dict[str, Any]]]

LATER = TEN + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Its `now` is what `time.monotonic()` gives."""
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(looks, "time", clock)
    return clock


@pytest.fixture
def pair(topics: RealTopics) -> list[Partition]:
    """The first one has three records, the second none."""
    topic = topics.make(2)
    topics.publish(Partition(topic, 0), b"1", b"2", b"3")
    return [Partition(topic, 0), Partition(topic, 1)]


@pytest.fixture
def lookout(pair: list[Partition]) -> Iterator[Lookout]:
    """It knows both partitions."""
    lookout = Lookout(Broker({**client_config()}, [pair[0].topic]))
    lookout.know(pair)
    yield lookout
    lookout.close()


@pytest.fixture
def ask(clock: SimpleNamespace, lookout: Lookout) -> Callable[..., None]:
    """Lets it ask once for these partitions, and take in what is answered."""

    def ask(assigned: Sequence[Partition], at: datetime = TEN) -> None:
        clock.now += SECONDS_BETWEEN
        lookout.watch(assigned, at)
        wait_for_the_answer(lookout)
        lookout.watch(assigned, at)

    return ask


def wait_for_the_answer(lookout: Lookout) -> None:
    assert lookout._asked is not None
    wait_until(lookout._asked.done)


def test_a_look_is_the_end_and_the_moment_before_it_was_asked(
    lookout: Lookout, ask: Callable[..., None], pair: list[Partition]
) -> None:
    ask(pair)
    assert lookout.looks_at(pair) == {pair[0]: Look(TEN, 3), pair[1]: Look(TEN, 0)}
    assert lookout.looks_at(pair[1:]) == {pair[1]: Look(TEN, 0)}


def test_the_oldest_look_stays_until_it_is_reached(
    lookout: Lookout, ask: Callable[..., None], pair: list[Partition], topics: RealTopics
) -> None:
    ask(pair[:1])
    topics.publish(pair[0], b"4")
    ask(pair[:1], LATER)
    lookout.reach(lookout.looks_at(pair), {pair[0]: 2})
    assert lookout.looks_at(pair) == {pair[0]: Look(TEN, 3)}
    lookout.reach(lookout.looks_at(pair), {pair[0]: 3})
    assert lookout.looks_at(pair) == {}
    ask(pair[:1], LATER)
    assert lookout.looks_at(pair) == {pair[0]: Look(LATER, 4)}


def test_a_look_that_was_not_stored_stays(
    lookout: Lookout, ask: Callable[..., None], pair: list[Partition]
) -> None:
    handed_over = lookout.looks_at(pair)
    ask(pair)
    lookout.reach(handed_over, {pair[0]: 3, pair[1]: 0})
    assert lookout.looks_at(pair).keys() == set(pair)


def test_a_look_at_a_partition_without_a_position_stays(
    lookout: Lookout, ask: Callable[..., None], pair: list[Partition]
) -> None:
    ask(pair)
    lookout.reach(lookout.looks_at(pair), {pair[0]: 3})
    assert lookout.looks_at(pair).keys() == {pair[1]}


def test_a_partition_that_went_while_the_broker_was_asked_is_not_looked_at(
    lookout: Lookout, pair: list[Partition]
) -> None:
    lookout.watch(pair, TEN)
    wait_for_the_answer(lookout)
    lookout.watch(pair[1:], LATER)
    assert lookout.looks_at(pair) == {pair[1]: Look(TEN, 0)}


def test_it_asks_once_a_second(
    lookout: Lookout, clock: SimpleNamespace, pair: list[Partition]
) -> None:
    asked = []
    for clock.now in (0.0, SECONDS_BETWEEN - 0.1, SECONDS_BETWEEN):
        lookout.watch(pair, TEN)
        asked.append(lookout._asked is not None)
        wait_until(lambda: lookout._asked is None or lookout._asked.done())
    assert asked == [True, False, True]


def test_new_partitions_are_found_until_they_are_known(
    lookout: Lookout, ask: Callable[..., None], pair: list[Partition], topics: RealTopics
) -> None:
    ask(pair)
    assert lookout.new_partitions == {}
    third, fourth = Partition(pair[0].topic, 2), Partition(pair[0].topic, 3)
    topics.add_partitions(pair[0].topic, 4)
    topics.publish(third, b"1", b"2")
    topics.delete_before(third, 1)
    ask(pair)
    assert lookout.new_partitions == {third: 1, fourth: 0}
    lookout.know([third])
    ask(pair)
    assert lookout.new_partitions == {fourth: 0}


def test_how_far_behind_is_counted_from_the_last_answer(
    lookout: Lookout, ask: Callable[..., None], pair: list[Partition], topics: RealTopics
) -> None:
    assert lookout.behind({pair[0]: 0}) == 0
    ask(pair)
    topics.publish(pair[0], b"4", b"5")
    ask(pair)
    assert lookout.behind({pair[0]: 1, pair[1]: 0}) == 4
    assert lookout.behind({pair[0]: 9, pair[1]: 0}) == 0


def test_a_broker_that_does_not_answer_is_asked_again(
    clock: SimpleNamespace,
    pair: list[Partition],
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker_module, "TIMEOUT_SECONDS", 0.1)
    lookout = Lookout(Broker({"bootstrap.servers": "127.0.0.1:1", "log_level": 0}, ["core_txns"]))
    for clock.now in (1.0, 2.0, 3.0):
        lookout.watch(pair, TEN)
        wait_for_the_answer(lookout)
    lookout.close()
    assert len(logged("broker_unavailable")) == 2
    assert lookout.looks == {}


def test_a_topic_that_is_gone_stops_us(pair: list[Partition]) -> None:
    lookout = Lookout(Broker({**client_config()}, [pair[0].topic, "never-made"]))
    lookout.watch(pair, TEN)
    wait_for_the_answer(lookout)
    with pytest.raises(TopicMissing, match="never-made"):
        lookout.watch(pair, TEN)
    lookout.close()
