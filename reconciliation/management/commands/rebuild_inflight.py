"""manage.py rebuild_inflight: warm the cache in Redis from PostgreSQL."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from reconciliation.inflight import InFlightCache, LaneChanges
from reconciliation.lanes import count_lanes, lock_lanes
from reconciliation.models import OpenTransaction
from reconciliation.standings import load_standings

PAGE = 1000


class Command(BaseCommand):
    help = """Put the open transactions of every lane into Redis again.

Never needed for a right answer: after a flush or a failover the workers find
out by themselves and look in PostgreSQL, once for each open transaction. This
spares them that. Safe beside running workers, which wait for each lane in turn
for some milliseconds. Exit code 1 when Redis cannot be written."""

    def handle(self, **options: Any) -> None:
        cache = InFlightCache(settings.REDIS_URL)
        total = 0
        for lane in range(count_lanes()):
            total += rebuild_lane(lane, cache)
        if cache.is_resting():
            raise CommandError("Redis cannot be written: see the line above and REDIS_URL.")
        self.stdout.write(f"{total} open transactions are in Redis")


def rebuild_lane(lane: int, cache: InFlightCache) -> int:
    """Write the lane's hash anew under its lock; how many entries it has."""
    with transaction.atomic():
        version = lock_lanes([lane])[lane].before
        ids = list(OpenTransaction.objects.filter(lane=lane).values_list("pk", flat=True))
        # No hash has this version: the first write drops what is there.
        before = os.urandom(8)
        for start in range(0, max(len(ids), 1), PAGE):
            standings = load_standings(ids[start : start + PAGE])
            cache.write({lane: LaneChanges(before, version, standings, [])})
            before = version
    return len(ids)
