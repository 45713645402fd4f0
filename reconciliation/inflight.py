"""The cache of in-flight transactions in Redis; the only module that speaks to it.

One hash per lane. Its field `v` is the lane's version; the hash is believed
only when that equals the version in PostgreSQL, which is new with every
commit that changes the lane. Whatever happens to Redis (flushed, stale after a
failover, gone) is therefore found at the next use and costs time, never truth.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
import redis
import structlog
from redis.commands.core import Script

from reconciliation.events import Event
from reconciliation.json_text import dumps
from reconciliation.lanes import LockedLane
from reconciliation.standings import Standing, StoredResult

log = structlog.get_logger(__name__)

VERSION = "v"
EXPIRY_SECONDS = 86_400
TIMEOUT_SECONDS = 0.5
REST_AFTER_FAULT_SECONDS = 5.0
# What any client of Redis may raise when Redis is not there or does not answer.
REDIS_FAULTS = (redis.RedisError, OSError)

# KEYS[1] the lane's hash; ARGV: the version before, the version now, the
# expiry, how many entries are put, then field and value of each, then the
# fields to remove. Fields go in small groups, for Lua's stack is limited.
_WRITE = """
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then redis.call('DEL', KEYS[1]) end
local puts = 4 + 2 * tonumber(ARGV[4])
for i = 5, puts, 1000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 999, puts)))
end
for i = puts + 1, #ARGV, 1000 do
  redis.call('HDEL', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
redis.call('HSET', KEYS[1], 'v', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""


class LaneChanges(NamedTuple):
    """What one commit changed of a lane's open transactions."""

    before: bytes
    version: bytes
    puts: dict[str, Standing]
    removals: list[str]


class InFlightCache:
    """Reads and writes never raise for a fault of Redis: a miss is always a right answer."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._write: Script = self._redis.register_script(_WRITE)
        self._rest_until = 0.0

    def read(
        self, lanes: Mapping[int, LockedLane], transaction_ids: Mapping[int, Sequence[str]]
    ) -> dict[str, Standing]:
        """The entries of these transactions, by lane, from the hashes that can be believed."""
        asked = [lane for lane, ids in transaction_ids.items() if ids]
        if not asked or self.is_resting():
            return {}
        pipeline = self._redis.pipeline(transaction=False)
        for lane in asked:
            pipeline.hmget(key_of(lane), [VERSION, *map(_field, transaction_ids[lane])])
        try:
            answers = pipeline.execute()
        except redis.RedisError as fault:
            self._rest(fault)
            return {}
        standings = {}
        for lane, (version, *entries) in zip(asked, answers, strict=True):
            if version != lanes[lane].before:
                continue
            for transaction_id, entry in zip(transaction_ids[lane], entries, strict=True):
                if entry is not None:
                    standings[transaction_id] = _standing(entry)
        return standings

    def write(self, changes: Mapping[int, LaneChanges]) -> None:
        """Bring the hashes to what was just committed. Called after the commit."""
        if not changes or self.is_resting():
            return
        pipeline = self._redis.pipeline(transaction=False)
        for lane, change in changes.items():
            self._write(keys=[key_of(lane)], args=_arguments(change), client=pipeline)
        try:
            pipeline.execute()
        except redis.RedisError as fault:
            self._rest(fault)

    def is_resting(self) -> bool:
        """Whether Redis failed a moment ago and is left alone."""
        return time.monotonic() < self._rest_until

    def _rest(self, fault: redis.RedisError) -> None:
        """Leave Redis alone for some seconds, so that a hung one does not slow every batch."""
        self._rest_until = time.monotonic() + REST_AFTER_FAULT_SECONDS
        log.warning("redis_unavailable", fault=str(fault), seconds=REST_AFTER_FAULT_SECONDS)


def key_of(lane: int) -> str:
    # The 2 is the format of the entries: another format has other keys.
    return f"reconsite:inflight:2:{lane}"


def _field(transaction_id: str) -> str:
    """Apart from `v`, which might be a transaction's id too."""
    return f"t:{transaction_id}"


def _arguments(change: LaneChanges) -> list[bytes | str | int]:
    arguments: list[bytes | str | int] = [
        change.before,
        change.version,
        EXPIRY_SECONDS,
        len(change.puts),
    ]
    for transaction_id, standing in change.puts.items():
        arguments += (_field(transaction_id), _entry(standing))
    arguments += map(_field, change.removals)
    return arguments


def _entry(standing: Standing) -> bytes:
    events, result, waits = standing
    return dumps([[tuple(event) for event in events], result and tuple(result), waits])


def _standing(entry: bytes) -> Standing:
    events, result, waits = orjson.loads(entry)
    return Standing(
        tuple(_event(*fields) for fields in events),
        None if result is None else _result(*result),
        {source: datetime.fromisoformat(due) for source, due in waits.items()},
    )


def _event(*fields: Any) -> Event:
    topic, partition, offset, event_id, transaction_id, source, account_id, amount, *rest = fields
    currency, status, occurred_at, channel, reference, kafka_timestamp, received_at = rest
    return Event(
        topic,
        partition,
        offset,
        event_id,
        transaction_id,
        source,
        account_id,
        Decimal(amount),
        currency,
        status,
        datetime.fromisoformat(occurred_at),
        channel,
        reference,
        _time(kafka_timestamp),
        datetime.fromisoformat(received_at),
    )


def _result(
    status: str,
    discrepancies: list[str],
    amount_at_risk: str,
    revision: int,
    decided_at: str,
    mismatched_at: str | None,
    healed_at: str | None,
    currency: str,
) -> StoredResult:
    return StoredResult(
        status,
        tuple(discrepancies),
        Decimal(amount_at_risk),
        revision,
        datetime.fromisoformat(decided_at),
        _time(mismatched_at),
        _time(healed_at),
        currency,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
