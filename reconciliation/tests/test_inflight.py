from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from datetime import UTC
from urllib.parse import urlsplit

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciliation import inflight
from reconciliation.inflight import EXPIRY_SECONDS, TIMEOUT_SECONDS, InFlightCache, LaneChanges
from reconciliation.lanes import LockedLane
from reconciliation.standings import Standing, StoredResult
from reconciliation.tests.strategies import TEN, histories, told

LANE = 3
KEY = inflight.key_of(LANE)
OPEN = Standing((told("CORE"),), None, {"GATEWAY": TEN})
VERSION = b"version1"
# Nothing listens there.
NOBODY = "redis://127.0.0.1:1"


def put(
    cache: InFlightCache,
    entries: dict[str, Standing],
    *,
    before: bytes = b"",
    version: bytes = VERSION,
    removals: Sequence[str] = (),
) -> None:
    """As after a commit that changed the lane's version from `before` to `version`."""
    cache.write({LANE: LaneChanges(before, version, entries, list(removals))})


def get(cache: InFlightCache, *ids: str, version: bytes = VERSION) -> dict[str, Standing]:
    """As under the lock of the lane, which is at `version`."""
    lane = LockedLane(LANE, before=version, version=os.urandom(8), n=0)
    return cache.read({LANE: lane}, {LANE: ids})


def test_what_was_put_is_read_and_the_rest_is_missing(cache: InFlightCache) -> None:
    put(cache, {"T1": OPEN})
    assert get(cache, "T2", "T1") == {"T1": OPEN}


def test_a_hash_of_another_version_is_not_believed(cache: InFlightCache) -> None:
    put(cache, {"T1": OPEN})
    assert get(cache, "T1", version=b"version2") == {}


def test_a_commit_on_the_version_before_keeps_the_other_entries(cache: InFlightCache) -> None:
    put(cache, {"T1": OPEN, "T2": OPEN})
    put(cache, {"T3": OPEN}, before=VERSION, version=b"version2", removals=["T1"])
    assert get(cache, "T1", "T2", "T3", version=b"version2").keys() == {"T2", "T3"}


def test_a_commit_on_another_version_drops_what_was_there(cache: InFlightCache) -> None:
    put(cache, {"T1": OPEN, "T2": OPEN})
    put(cache, {"T3": OPEN}, before=b"version2", version=b"version3", removals=["T1"])
    assert get(cache, "T1", "T2", "T3", version=b"version3").keys() == {"T3"}


def test_an_id_can_be_the_name_of_the_version(cache: InFlightCache) -> None:
    put(cache, {"v": OPEN, "t:v": OPEN})
    assert get(cache, "v", "t:v") == {"v": OPEN, "t:v": OPEN}
    put(cache, {}, before=VERSION, version=b"version2", removals=["v"])
    assert get(cache, "v", "t:v", version=b"version2").keys() == {"t:v"}


def test_every_lane_has_its_own_hash(cache: InFlightCache) -> None:
    lanes = {lane: LockedLane(lane, b"%d" % lane, b"", 0) for lane in (0, 1, 2)}
    cache.write({lane: LaneChanges(b"", b"%d" % lane, {f"T{lane}": OPEN}, []) for lane in lanes})
    lanes[1].before = b"other"
    asked = {0: ["T0", "T1"], 1: ["T1"], 2: ["T2"]}
    assert cache.read(lanes, asked).keys() == {"T0", "T2"}


TEXTS = st.text(max_size=64)
TIMES = st.datetimes(timezones=st.just(UTC))
RESULTS = st.builds(
    StoredResult,
    status=st.sampled_from(("matched", "mismatched", "in_flight")),
    discrepancies=st.lists(st.sampled_from(("ACCOUNT", "AMOUNT"))).map(tuple),
    amount_at_risk=st.decimals(0, 10**34 - 1, places=4),
    revision=st.integers(1, 2**31 - 1),
    decided_at=TIMES,
    mismatched_at=st.none() | TIMES,
    healed_at=st.none() | TIMES,
)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    events = [
        event._replace(
            account_id=draw(TEXTS),
            amount=draw(st.decimals(0, 10**15 - 1, places=4)),
            reference=draw(st.none() | TEXTS),
            kafka_timestamp=draw(st.none() | TIMES),
            received_at=draw(TIMES),
        )
        for event in draw(histories())
    ]
    waits = st.dictionaries(st.sampled_from(("CORE", "GATEWAY", "MOBILE")), TIMES)
    return Standing(tuple(events), draw(st.none() | RESULTS), draw(waits))


# Each example overwrites what the one before has left in the cache.
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(transaction_id=st.text(min_size=1), standing=standings())
def test_every_field_comes_back_as_it_was(
    cache: InFlightCache, transaction_id: str, standing: Standing
) -> None:
    put(cache, {transaction_id: standing})
    assert get(cache, transaction_id) == {transaction_id: standing}


def test_more_entries_than_lua_has_room_for_are_written_and_removed(cache: InFlightCache) -> None:
    ids = [f"T{number}" for number in range(10_001)]
    put(cache, dict.fromkeys(ids, OPEN))
    assert len(get(cache, *ids)) == len(ids)
    put(cache, {}, before=VERSION, version=b"version2", removals=ids[1:])
    assert get(cache, *ids, version=b"version2").keys() == {ids[0]}


def test_a_hash_expires_as_a_whole_a_day_after_its_last_use(
    cache: InFlightCache, redis_client: redis.Redis
) -> None:
    put(cache, {"T1": OPEN})
    redis_client.expire(KEY, 100)
    put(cache, {}, before=VERSION)
    assert EXPIRY_SECONDS - 60 < redis_client.ttl(KEY) <= EXPIRY_SECONDS


def test_a_redis_that_was_emptied_is_filled_again(
    cache: InFlightCache, redis_client: redis.Redis
) -> None:
    put(cache, {"T1": OPEN})
    redis_client.flushdb()
    redis_client.script_flush()
    assert get(cache, "T1") == {}
    put(cache, {"T2": OPEN}, before=VERSION, version=b"version2")
    assert get(cache, "T1", "T2", version=b"version2").keys() == {"T2"}


def test_nothing_to_do_asks_nothing() -> None:
    cache = InFlightCache(NOBODY)
    cache.write({})
    assert cache.read({}, {LANE: []}) == {}
    assert not cache.is_resting()


@pytest.fixture
def mute() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


def test_without_a_server_everything_is_missing() -> None:
    cache = InFlightCache(NOBODY)
    assert get(cache, "T1") == {}
    assert cache.is_resting()


def test_a_write_without_a_server_is_let_go() -> None:
    cache = InFlightCache(NOBODY)
    put(cache, {"T1": OPEN})
    assert cache.is_resting()


def test_a_server_that_says_nothing_is_asked_once(mute: str) -> None:
    cache = InFlightCache(mute)
    began = time.monotonic()
    for _ in range(20):
        assert get(cache, "T1") == {}
        put(cache, {"T1": OPEN})
    assert time.monotonic() - began < 2 * TIMEOUT_SECONDS


def test_a_wrong_password_is_a_fault_like_any_other(cache_url: str) -> None:
    url = urlsplit(cache_url)
    cache = InFlightCache(url._replace(netloc=f":wrong@{url.hostname}:{url.port}").geturl())
    assert get(cache, "T1") == {}
    assert cache.is_resting()


def test_after_a_rest_it_is_used_again(
    cache: InFlightCache, redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflight, "REST_AFTER_FAULT_SECONDS", 0.0)
    redis_client.set(KEY, "not a hash")
    assert get(cache, "T1") == {}
    put(cache, {"T1": OPEN})
    redis_client.delete(KEY)
    put(cache, {"T1": OPEN})
    assert get(cache, "T1") == {"T1": OPEN}
