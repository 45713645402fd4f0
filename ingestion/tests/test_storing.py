"""The whole store against the naive reference, in any order and whatever befalls Redis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from typing import NamedTuple

import pytest
import redis
from django.conf import settings as product
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Poller, wait_until
from ingestion.batch import BatchStore
from ingestion.invariants import INVARIANTS, findings
from ingestion.offsets import read_feeds
from ingestion.sweep import Sweeper
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.feeds import Feeds
from reconciliation.inflight import InFlightCache
from reconciliation.json_text import dumps
from reconciliation.lanes import lane_of
from reconciliation.matching import judge
from reconciliation.models import OpenTransaction, RawEvent, ReconciliationResult, RuleSetVersion
from reconciliation.rule_book import RuleBook
from reconciliation.rules import Rules, RuleSet, rule_set_at
from reconciliation.services import add_rule_set
from reconciliation.tests.naive_reference import naive_verdict
from reconciliation.tests.strategies import SOURCES, histories, nudges, rule_sets, usually

# Windows of milliseconds, for PostgreSQL's clock cannot be set forward.
SHORT = 10_000
LANES = 12
NEIGHBOUR = next(
    name for name in (f"T{n}" for n in count(2)) if lane_of(name, LANES) == lane_of("T1", LANES)
)
SECOND = timedelta(seconds=1)
# Nothing listens there.
NOBODY = "redis://127.0.0.1:1"


class Look(NamedTuple):
    """A source is read until so long after a batch, counted back from the last one."""

    back: int
    later: timedelta


class Step(NamedTuple):
    """Something befalls Redis, a batch comes, the rules change, and what is due is swept."""

    events: Sequence[Event]
    looks: Mapping[str, Look]
    befalls: str
    age: int
    worker: int
    new_rules: RuleSet | None
    sweeps: bool


class Story(NamedTuple):
    rule_set: RuleSet
    steps: Sequence[Step]


def looks() -> st.SearchStrategy[dict[str, Look]]:
    windows = st.sampled_from((0, 10, 60, 120, 300))
    moments = st.builds(lambda window, nudge: window * SECOND / SHORT + nudge, windows, nudges())
    return st.dictionaries(
        st.sampled_from(SOURCES), st.builds(Look, st.integers(0, 3), moments), max_size=3
    )


def short_rules() -> st.SearchStrategy[RuleSet]:
    return rule_sets().map(
        lambda rule_set: replace(
            rule_set,
            default=shortened(rule_set.default),
            channels={name: shortened(rules) for name, rules in rule_set.channels.items()},
        )
    )


def shortened(rules: Rules) -> Rules:
    match, pending = rules.match_window / SHORT, rules.pending_window / SHORT
    return replace(rules, match_window=match, pending_window=pending)


def steps(events: Sequence[Event]) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        events=st.just(events),
        looks=looks(),
        befalls=usually("nothing", "flushed", "set back", "unreachable", "undone", weight=4),
        age=st.integers(0, 9),
        worker=st.integers(0, 1),
        new_rules=st.one_of(*[st.none()] * 6, short_rules()),
        sweeps=st.booleans(),
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """The events of a few transactions, some delivered again, shuffled and cut into batches."""
    ids = draw(st.lists(st.sampled_from(("T1", NEIGHBOUR, "v")), min_size=1, unique=True))
    told = [event._replace(transaction_id=each) for each in ids for event in draw(histories())]
    again = draw(st.lists(st.sampled_from(told), max_size=4))
    shuffled = draw(st.permutations([*told, *again]))
    cuts = draw(st.sets(st.integers(0, len(shuffled)), max_size=8))
    bounds = [0, *sorted(cuts), len(shuffled)]
    pieces = [shuffled[start:end] for start, end in pairwise(bounds)]
    return Story(draw(short_rules()), [draw(steps(piece)) for piece in pieces])


class Worker:
    def __init__(self, cache: InFlightCache) -> None:
        rules = RuleBook()
        self.store = BatchStore(topics=product.TOPICS, cache=cache, rules=rules).store
        self.sweep = Sweeper(topics=product.TOPICS, cache=cache, rules=rules).sweep


class Play:
    """Plays a story: two workers that share Redis, and one that cannot reach it."""

    def __init__(self, caches: Sequence[InFlightCache], redis_client: redis.Redis) -> None:
        self._workers = [Worker(cache) for cache in caches]
        self._cut_off = Worker(InFlightCache(NOBODY))
        self._redis = redis_client
        self._poller = Poller()
        self._clocks = [read_clock()]
        self._snapshots: list[dict[bytes, bytes | None]] = []

    def play(self, step: Step) -> None:
        worker = self._befall(step)
        looked = {source: self._moment(look) for source, look in step.looks.items()}
        batch = self._poller.batch(*step.events, read_until=looked)
        if step.befalls == "undone":
            with undone():
                worker.store(batch)
        self._clocks.append(worker.store(batch))
        self._snapshots.append({key: self._redis.dump(key) for key in self._redis.scan_iter()})
        if step.new_rules is not None:
            latest = max([self._clocks[-1], *read_feeds(product.TOPICS).read_until.values()])
            wait_until(lambda: read_clock() > latest)
            add_rule_set(rules=step.new_rules.to_document(), note="")
        if step.sweeps:
            sweep_all(worker)

    def read_everything(self) -> None:
        far = self._clocks[-1] + timedelta(days=1)
        self._workers[0].store(self._poller.batch(read_until=dict.fromkeys(SOURCES, far)))
        sweep_all(self._workers[1])

    def _befall(self, step: Step) -> Worker:
        """Do to Redis what is told; gives the worker that then stores."""
        if step.befalls in ("flushed", "set back"):
            self._redis.flushdb()
        if step.befalls == "set back" and self._snapshots:
            for key, dumped in self._snapshots[step.age % len(self._snapshots)].items():
                assert dumped is not None
                self._redis.restore(key, 0, dumped)
        return self._cut_off if step.befalls == "unreachable" else self._workers[step.worker]

    def _moment(self, look: Look) -> datetime:
        return self._clocks[-1 - look.back % len(self._clocks)] + look.later


@contextmanager
def undone() -> Iterator[None]:
    """The database forgets what is done within; Redis does not."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sweep_all(worker: Worker) -> None:
    chunks = 0
    while worker.sweep():
        chunks += 1
        assert chunks < 10, "swept again and again"


def events_by_transaction() -> dict[str, list[Event]]:
    told: dict[str, list[Event]] = {}
    for row in RawEvent.objects.values_list(*Event._fields):
        event = Event._make(row)
        told.setdefault(event.transaction_id, []).append(event)
    return told


def check(feeds: Feeds) -> None:
    """What is stored is what the reference says, and what is open waits for something."""
    rule_sets = RuleBook().current()
    opened = set(OpenTransaction.objects.values_list("transaction_id", flat=True))
    for transaction_id, events in events_by_transaction().items():
        rule_set = rule_set_at(rule_sets, min(event.received_at for event in events))
        check_result(transaction_id, events, rule_set, feeds)
        assert (transaction_id in opened) == bool(judge(events, rule_set, feeds).waits)


def check_result(
    transaction_id: str, events: Sequence[Event], rule_set: RuleSet, feeds: Feeds
) -> None:
    expected = naive_verdict(events, rule_set, feeds)
    row = ReconciliationResult.objects.filter(pk=transaction_id).first()
    if row is None:
        assert expected.status == "in_flight"
        return
    assert row.status == expected.status
    assert set(row.discrepancies) == expected.discrepancies
    assert row.amount_at_risk == expected.amount_at_risk
    assert (row.currency, row.channel) == (expected.currency, expected.channel)
    assert row.rule_set == rule_set.version
    verdict = judge(events, rule_set, feeds).verdict
    assert row.details == json.loads(dumps(verdict.details))
    told = {(leg.source.lower(), leg.status, leg.reference) for leg in verdict.legs}
    assert {(name, leg["status"], leg["reference"]) for name, leg in row.legs.items()} == told


def broken() -> list[str]:
    return [sentence for invariant in INVARIANTS for sentence in findings(invariant)]


# Each example is undone in PostgreSQL and begins with an empty Redis.
@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stories())
def test_whatever_happens_the_verdicts_are_the_references(
    cache_url: str, redis_client: redis.Redis, story: Story
) -> None:
    redis_client.flushdb()
    with undone():
        RuleSetVersion.objects.update(rules=story.rule_set.to_document())
        play = Play([InFlightCache(cache_url), InFlightCache(cache_url)], redis_client)
        for step in story.steps:
            play.play(step)
            assert not broken()
            if step.sweeps:
                check(read_feeds(product.TOPICS))
        play.read_everything()
        check(read_feeds(product.TOPICS))
        assert not broken()
        assert not OpenTransaction.objects.exists()
        assert RawEvent.objects.count() == sum(len(step.events) for step in story.steps)
