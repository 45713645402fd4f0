from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import connection

from desk import feed as feed_module
from desk.feed import Feed
from desk.tests.live.conftest import Judging
from desk.tests.live.sockets import WITHIN, gone
from ingestion.tests.processes.databases import as_owner
from ingestion.tests.processes.valkey import Valkey
from reconciliation.journal import current_position
from reconciliation.publisher import GROUP, HINT

END_OTHER_SESSIONS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
WRITE = """
    WITH moved AS (UPDATE lanes SET n = n + 100 WHERE lane = %(lane)s RETURNING n)
    INSERT INTO result_revisions (lane, n, transaction_id, revision, status, discrepancies,
                                  amount_at_risk, rule_set, cause, at)
    SELECT %(lane)s, n - i, format('T%%s-%%s', %(lane)s::int, n - i), 1, 'matched', '{}', 0, 1,
           'sweep', now()
    FROM moved, generate_series(0, 99) AS i
"""


@database_sync_to_async
def position() -> str:
    return str(current_position())


class Follower:
    """A subscriber that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.ended: int | None = None

    def deliver(self, text: str) -> None:
        self.messages.append(json.loads(text))

    def end(self, code: int) -> None:
        self.ended = code

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    @property
    def position(self) -> str | None:
        return self.messages[-1]["position"] if self.messages else None

    async def is_at(self, position: str) -> None:
        await gone(lambda: self.position != position)


Following = Callable[[], Follower]


@pytest.fixture
async def follow(committed: None, valkey: Valkey) -> AsyncIterator[Following]:
    feed, followers = Feed(), list[Follower]()

    def follow() -> Follower:
        followers.append(Follower())
        feed.subscribe(followers[-1])
        return followers[-1]

    yield follow
    for follower in followers:
        feed.unsubscribe(follower)
    await gone(lambda: feed.is_running)
    assert not any(follower.ended for follower in followers)


async def test_a_follower_first_hears_the_figures_and_then_what_changes(
    follow: Following, judge: Judging
) -> None:
    await judge("T1")
    follower = follow()
    await follower.is_at(before := await position())
    await judge("T2", gateway="90")
    await follower.is_at(after := await position())
    pulse, *_ = follower.messages
    (changes,) = follower.of("changes")
    assert (pulse["type"], pulse["position"], pulse["summary"]["matched"]) == ("pulse", before, 1)
    assert (changes["after"], changes["position"], changes["count"]) == (before, after, 1)
    assert [row["transaction_id"] for row in changes["rows"]] == ["T2"]


async def test_newcomers_follow_from_their_pulse_on(follow: Following, judge: Judging) -> None:
    first = follow()
    await first.is_at(await position())
    await judge("T1")
    await first.is_at(await position())
    second = follow()
    await second.is_at(await position())
    await judge("T2")
    after = await position()
    await first.is_at(after)
    await second.is_at(after)
    (changes,) = second.of("changes")
    assert changes["after"] == second.messages[0]["position"]
    assert changes == first.of("changes")[1]


async def test_it_beats_when_nothing_changes(
    follow: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "BETWEEN_PULSES", 0.01)
    follower = follow()
    await gone(lambda: len(follower.of("pulse")) < 3)
    assert {pulse["position"] for pulse in follower.messages} == {await position()}


async def test_a_hint_makes_it_look(
    follow: Following, judge: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "BETWEEN_LOOKS_AT_MOST", 3600)
    follower = follow()
    await follower.is_at(await position())
    await judge("T1")
    layer = get_channel_layer()
    async with asyncio.timeout(WITHIN):
        while not follower.of("changes"):
            await layer.group_send(GROUP, HINT)
            await asyncio.sleep(0.01)


async def test_without_redis_it_goes_on_and_hears_hints_again_later(
    follow: Following,
    judge: Judging,
    valkey: Valkey,
    logged: Callable[[str], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_module, "REST_AFTER_FAULT", 0.05)
    follower = follow()
    await follower.is_at(await position())
    valkey.kill()
    await judge("T1")
    await follower.is_at(await position())
    await gone(lambda: not logged("hints_not_heard"))
    valkey.start()
    await gone(lambda: not logged("hints_heard_again"))
    assert len(logged("hints_not_heard")) == 1


async def test_a_flushed_redis_soon_knows_the_group_again(
    follow: Following, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "BETWEEN_JOININGS", 0.05)
    follow()
    await gone(lambda: not valkey.client.keys("*group*"))
    valkey.client.flushall()
    await gone(lambda: not valkey.client.keys("*group*"))


async def test_a_lost_connection_to_the_database_delays_only(
    follow: Following,
    judge: Judging,
    logged: Callable[[str], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @database_sync_to_async
    def end_sessions() -> int:
        with connection.cursor() as cursor:
            cursor.execute(END_OTHER_SESSIONS)
            return int(cursor.fetchone()[0])

    monkeypatch.setattr(feed_module, "REST_AFTER_FAULT", 0.05)
    follower = follow()
    await follower.is_at(await position())
    assert await end_sessions() == 1
    await judge("T1")
    await follower.is_at(await position())
    assert len(logged("feed_stands_still")) == len(logged("feed_goes_on")) == 1


async def test_while_nobody_follows_nothing_is_read(follow: Following, judge: Judging) -> None:
    feed = Feed()
    follower = Follower()
    feed.subscribe(follower)
    await follower.is_at(await position())
    feed.unsubscribe(follower)
    await gone(lambda: feed.is_running)
    await judge("T1")
    feed.subscribe(again := Follower())
    await again.is_at(await position())
    assert not again.of("changes")
    feed.unsubscribe(again)
    await gone(lambda: feed.is_running)


async def test_a_mistake_of_ours_ends_it_for_all(
    monkeypatch: pytest.MonkeyPatch, committed: None, valkey: Valkey
) -> None:
    def mistake(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(feed_module, "read_pulse", mistake)
    feed, follower = Feed(), Follower()
    feed.subscribe(follower)
    await gone(lambda: follower.ended is None)
    assert follower.ended == 1011


@database_sync_to_async
def write_10000_rows(slow: psycopg.Connection, others: psycopg.Connection) -> None:
    """A hundred at a time; half of them are committed after many that were written later."""
    for number in range(50):
        slow.execute(WRITE, {"lane": 0})
        others.execute(WRITE, {"lane": number % 11 + 1})
        others.commit()
        if number % 10 == 9:
            slow.commit()


async def test_in_10000_rows_nothing_is_lost_or_doubled(follow: Following) -> None:
    follower = follow()
    await follower.is_at(start := await position())
    url = as_owner(connection.settings_dict["NAME"])
    with psycopg.connect(url) as slow, psycopg.connect(url) as others:
        await write_10000_rows(slow, others)
    await follower.is_at(await position())
    heard = follower.of("changes")
    ends = [changes["position"] for changes in heard]
    assert [changes["after"] for changes in heard] == [start, *ends[:-1]]
    assert sum(changes["count"] for changes in heard) == 10_000
