"""Judge transactions again because time has passed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from ingestion.frozen import end_frozen_sessions
from ingestion.offsets import read_feeds
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.inflight import InFlightCache
from reconciliation.lanes import lock_lanes
from reconciliation.models import OpenTransaction
from reconciliation.rule_book import RuleBook
from reconciliation.services import reconcile

# A chunk holds its lanes' locks for some tens of milliseconds.
CHUNK = 1000


class Sweeper:
    """`topics` names the topic of each source. Used by the thread that stores batches."""

    def __init__(self, *, topics: Mapping[str, str], cache: InFlightCache, rules: RuleBook) -> None:
        self._topics = topics
        self._cache = cache
        self._rules = rules

    def sweep(self) -> int:
        """Judge the longest due transactions, a chunk of them; how many.

        Lanes that somebody else holds are passed over: their turn comes. To be
        called again until it gives 0.
        """
        feeds = read_feeds(self._topics)
        due = due_transactions(feeds.read_until)
        arrivals: dict[int, dict[str, list[Event]]] = {}
        with transaction.atomic():
            wanted = set(due.values_list("lane", flat=True)[:CHUNK])
            lanes = lock_lanes(wanted, skip_locked=True)
            if len(lanes) < len(wanted):
                # A worker frozen in its own sweep might meet nobody else.
                end_frozen_sessions()
            due_here = due.filter(lane__in=lanes).values_list("lane", "transaction_id")[:CHUNK]
            for lane, transaction_id in due_here:
                arrivals.setdefault(lane, {})[transaction_id] = []
            if not arrivals:
                return 0
            cached = reconcile(
                arrivals=arrivals,
                lanes={lane: lanes[lane] for lane in arrivals},
                cache=self._cache,
                rule_sets=self._rules.current(),
                feeds=feeds,
                at=feeds.not_before(read_clock()),
            )
        self._cache.write(cached)
        return sum(map(len, arrivals.values()))

    def is_judged_until(self, at: datetime) -> bool:
        """Whether every source has been read until `at`, and nothing more can be judged by that."""
        read_until = read_feeds(self._topics).read_until
        return (
            all(source in read_until and read_until[source] >= at for source in self._topics)
            and not due_transactions(read_until).exists()
        )


def due_transactions(read_until: Mapping[str, datetime]) -> QuerySet[OpenTransaction]:
    """Those whose verdict a source that has been read this far could change, longest due first."""
    if not read_until:
        return OpenTransaction.objects.none()
    any_source = Q()
    for source, until in read_until.items():
        any_source |= Q(**{f"due_{source.lower()}__lte": until})
    # The index is over lane and the earliest of the three.
    return OpenTransaction.objects.filter(any_source, due__lte=max(read_until.values())).order_by(
        "due"
    )
