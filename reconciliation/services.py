"""The only writers of verdicts: what happens to transactions under their lanes' locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from reconciliation.changes import Changes, Settled
from reconciliation.clock import read_clock
from reconciliation.events import Event
from reconciliation.feeds import Feeds
from reconciliation.inflight import InFlightCache, LaneChanges
from reconciliation.lanes import LockedLane, advance_lanes, count_lanes, lock_lanes
from reconciliation.matching import judge
from reconciliation.models import RuleSetVersion
from reconciliation.rules import RuleSet, rule_set_at
from reconciliation.standings import NEW, Standing, load_standings

# Transactions by lane, each with its new events: none where only time has passed.
Arrivals = Mapping[int, Mapping[str, Sequence[Event]]]


def reconcile(
    *,
    arrivals: Arrivals,
    lanes: Mapping[int, LockedLane],
    cache: InFlightCache,
    rule_sets: Sequence[RuleSet],
    feeds: Feeds,
    at: datetime,
    replayed: bool = False,
) -> dict[int, LaneChanges]:
    """Judge these transactions again and store what has changed of their verdicts.

    Runs inside the database transaction that holds the locks of `lanes`; `at`
    is PostgreSQL's clock, read under them. The new events must not be in
    `raw_events` yet; `replayed` says that they were dead letters until now.
    Gives what `InFlightCache.write` takes after the commit.
    """
    standings = _standings(arrivals, lanes, cache)
    changes = Changes(lanes, at)
    for lane, transactions in arrivals.items():
        for transaction_id, arrived in transactions.items():
            standing = standings.get(transaction_id, NEW)
            events = (*standing.events, *arrived)
            rule_set = rule_set_at(rule_sets, min([event.received_at for event in events]))
            judgement = judge(events, rule_set, feeds)
            changes.settle(
                Settled(
                    transaction_id, lanes[lane], standing, arrived, rule_set, judgement, replayed
                )
            )
    changes.write()
    advance_lanes(lanes.values())
    return changes.cached


def _standings(
    arrivals: Arrivals, lanes: Mapping[int, LockedLane], cache: InFlightCache
) -> dict[str, Standing]:
    """From Redis where it can be believed; for the rest from PostgreSQL."""
    ids = {lane: list(transactions) for lane, transactions in arrivals.items()}
    standings = cache.read(lanes, ids)
    unknown = [
        transaction_id
        for transactions in arrivals.values()
        for transaction_id in transactions
        if transaction_id not in standings
    ]
    return standings | load_standings(unknown)


def add_rule_set(*, rules: Mapping[str, Any], note: str) -> RuleSetVersion:
    """Put a new version of the rules in force, for transactions first seen from now on.

    It comes into force under the locks of all lanes: every batch before it was
    first seen before it, and every batch after it knows it. `rules` is a whole
    document, as `RuleSet.from_document` takes it.
    """
    with transaction.atomic():
        lock_lanes(range(count_lanes()))
        newest = RuleSetVersion.objects.latest("version")
        added = RuleSetVersion(
            version=newest.version + 1, rules=dict(rules), in_force_from=read_clock(), note=note
        )
        added.save(force_insert=True)
    return added
