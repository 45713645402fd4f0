"""Lanes: the share of all transactions that is judged under one lock."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from murmurhash2 import murmurhash2

from reconciliation.bulk import upsert_rows
from reconciliation.models import Lane

KAFKA_SEED = 0x9747B28C


def lane_of(transaction_id: str, lanes: int) -> int:
    """The lane of a transaction, from its id as Kafka's default partitioner hashes keys.

    So that a topic whose partition count divides `lanes` holds whole lanes in
    each partition. (org.apache.kafka.common.utils.Utils.murmur2, toPositive.)
    """
    return (murmurhash2(transaction_id.encode(), KAFKA_SEED) & 0x7FFFFFFF) % lanes


@dataclass(slots=True)
class LockedLane:
    """A lane whose lock this database transaction holds.

    `before` is the version that Redis must agree with; `n` counts up with
    each journal row.
    """

    lane: int
    before: bytes
    version: bytes
    n: int


def lock_lanes(lanes: Collection[int], *, skip_locked: bool = False) -> dict[int, LockedLane]:
    """Lock these lanes, in order; with `skip_locked`, those that nobody holds."""
    rows = (
        Lane.objects.select_for_update(skip_locked=skip_locked)
        .filter(lane__in=lanes)
        .order_by("lane")
        .values_list("lane", "version", "n")
    )
    return {lane: LockedLane(lane, bytes(version), os.urandom(8), n) for lane, version, n in rows}


def advance_lanes(lanes: Iterable[LockedLane]) -> None:
    """Store the new version and journal number of lanes that were changed."""
    upsert_rows(Lane, [(lane.lane, lane.version, lane.n) for lane in lanes])


def count_lanes() -> int:
    """How many lanes this database has; fixed when it was first migrated."""
    return Lane.objects.count()
