from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import redis
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from pytest_django import Settings

from reconciliation.inflight import InFlightCache, key_of
from reconciliation.lanes import count_lanes, lane_of, lock_lanes
from reconciliation.management.commands import rebuild_inflight
from reconciliation.models import Lane, OpenTransaction, RawEvent
from reconciliation.standings import Standing, load_standings

pytestmark = pytest.mark.django_db

IDS = [f"open-{number}" for number in range(5)]


@pytest.fixture(autouse=True)
def server(settings: Settings) -> Iterator[redis.Redis]:
    """Redis by another number than the running product's, empty."""
    settings.REDIS_URL = urlsplit(os.environ["REDIS_URL"])._replace(path="/1").geturl()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(autouse=True)
def open_transactions() -> None:
    """Of each of `IDS` one source has told."""
    at, lanes = now(), count_lanes()
    for offset, transaction_id in enumerate(IDS):
        RawEvent.objects.create(
            topic="core_txns",
            partition=0,
            offset=offset,
            event_id=str(uuid4()),
            transaction_id=transaction_id,
            source="CORE",
            account_id="AC1",
            amount=100,
            currency="INR",
            status="SUCCESS",
            occurred_at=at,
            received_at=at,
        )
        OpenTransaction.objects.create(
            transaction_id=transaction_id,
            lane=lane_of(transaction_id, lanes),
            first_seen_at=at,
            due_gateway=at + timedelta(minutes=1),
        )


def rebuild() -> str:
    out = StringIO()
    call_command("rebuild_inflight", stdout=out)
    return out.getvalue()


def believed(url: str) -> dict[str, Standing]:
    """What a worker would take from Redis."""
    lanes = count_lanes()
    by_lane: dict[int, list[str]] = {lane: [] for lane in range(lanes)}
    for transaction_id in IDS:
        by_lane[lane_of(transaction_id, lanes)].append(transaction_id)
    return InFlightCache(url).read(lock_lanes(by_lane), by_lane)


def test_what_is_open_is_in_redis_as_postgresql_knows_it(settings: Settings) -> None:
    assert not believed(settings.REDIS_URL)
    assert rebuild() == "5 open transactions are in Redis\n"
    assert believed(settings.REDIS_URL) == load_standings(IDS)


def test_what_redis_had_before_is_dropped(server: redis.Redis) -> None:
    lane = lane_of(IDS[0], count_lanes())
    key = key_of(lane)
    version = bytes(Lane.objects.get(pk=lane).version)
    server.hset(key, mapping={"v": version, "t:decided-long-ago": "[]"})
    rebuild()
    assert not server.hexists(key, "t:decided-long-ago")
    assert server.hget(key, "v") == version


def test_a_lane_of_many_is_written_in_pieces_that_add_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    OpenTransaction.objects.update(lane=3)
    monkeypatch.setattr(rebuild_inflight, "PAGE", 2)
    rebuild()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        fields = client.hkeys(key_of(3))
    assert sorted(fields) == sorted([b"v", *(f"t:{each}".encode() for each in IDS)])


def test_postgresql_stays_as_it_is() -> None:
    before = list(Lane.objects.order_by("pk").values_list("lane", "version", "n"))
    rebuild()
    assert list(Lane.objects.order_by("pk").values_list("lane", "version", "n")) == before


def test_without_redis_it_says_so(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    with pytest.raises(CommandError, match="Redis cannot be written"):
        rebuild()
