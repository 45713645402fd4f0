from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from reconciliation.changes import FEW, Changes, Settled
from reconciliation.events import Event, Source
from reconciliation.feeds import Feeds
from reconciliation.inflight import LaneChanges
from reconciliation.lanes import LockedLane
from reconciliation.matching import judge
from reconciliation.models import OpenTransaction, ReconciliationResult, ResultRevision
from reconciliation.rules import RuleSet, rules_of_settings
from reconciliation.standings import NEW, Standing
from reconciliation.tests.strategies import TEN, after, told

pytestmark = pytest.mark.django_db

LANE = 4
RULES = RuleSet(version=7, in_force_from=TEN, default=rules_of_settings(), channels={})
AT = datetime.fromisoformat("2026-11-25T12:00:00Z")
WINDOW = timedelta(seconds=60)


def settle(
    arrived: Sequence[Event], standing: Standing = NEW, read_until: datetime | None = None
) -> LaneChanges:
    """Judge and write one transaction; what Redis is to be told of its lane."""
    lane = LockedLane(LANE, b"before", b"version", n=9)
    changes = Changes({LANE: lane}, AT)
    feeds = Feeds({} if read_until is None else dict.fromkeys(Source.values, read_until))
    judgement = judge((*standing.events, *arrived), RULES, feeds)
    changes.settle(Settled("T1", lane, standing, arrived, RULES, judgement))
    changes.write()
    return changes.cached[LANE]


def test_a_verdict_is_shown_in_jsons_types() -> None:
    settle([told("CORE", amount="100.5", channel="UPI"), told("GATEWAY"), told("MOBILE")])
    row = ReconciliationResult.objects.get()
    assert row.legs.keys() == {"core", "gateway", "mobile"}
    assert row.legs["core"] == {
        "status": "SUCCESS",
        "amount": "100.5",
        "currency": "INR",
        "account_id": "A",
        "occurred_at": TEN.isoformat(),
        "channel": "UPI",
        "reference": None,
    }
    assert row.details == {
        "AMOUNT": {
            "values": {"core": "100.5", "gateway": "100", "mobile": "100"},
            "difference": "0.5",
            "tolerance": "0",
        }
    }
    assert (row.channel, row.currency, row.amount_at_risk) == ("UPI", "INR", Decimal("0.5"))


def test_a_verdict_and_its_revision_name_the_rules_and_the_clock() -> None:
    settle([told("CORE", received=3), told("GATEWAY", received=2), told("MOBILE", received=4)])
    row, revision = ReconciliationResult.objects.get(), ResultRevision.objects.get()
    assert (row.rule_set, row.first_seen_at, row.updated_at) == (7, after(2), AT)
    assert (revision.lane, revision.n, revision.rule_set, revision.at) == (LANE, 10, 7, AT)
    assert revision.cause == "mobile_txns/0/0"


def test_an_open_transaction_has_the_earliest_due_of_its_sources() -> None:
    cached = settle([told("CORE", "PENDING"), told("GATEWAY", received=5)])
    row = OpenTransaction.objects.get()
    assert (row.lane, row.first_seen_at) == (LANE, TEN)
    assert (row.due_core, row.due_gateway, row.due_mobile) == (after(65), None, after(60))
    assert row.due == after(60)
    assert cached.puts.keys() == {"T1"}


def test_what_is_decided_for_good_never_touches_what_is_open() -> None:
    cached = settle([told("CORE"), told("GATEWAY"), told("MOBILE")])
    assert not OpenTransaction.objects.exists()
    assert cached == (b"before", b"version", {}, [])


def test_what_was_open_and_is_decided_leaves_postgresql_and_redis() -> None:
    standing = settle([told("CORE"), told("GATEWAY")]).puts["T1"]
    cached = settle([told("MOBILE")], standing)
    assert not OpenTransaction.objects.exists()
    assert (cached.puts, cached.removals) == ({}, ["T1"])


def test_what_waits_longer_is_due_later() -> None:
    standing = settle([told("CORE", "PENDING")]).puts["T1"]
    assert OpenTransaction.objects.get().due == after(7200)
    settle([told("CORE")], standing)
    assert OpenTransaction.objects.get().due_gateway == after(60)


def test_what_redis_is_told_is_how_the_transaction_stands() -> None:
    standing = settle([told("CORE"), told("GATEWAY", amount="90")]).puts["T1"]
    assert standing.events == (told("CORE"), told("GATEWAY", amount="90"))
    assert standing.result == ("mismatched", ("AMOUNT",), Decimal(10), 1, AT, AT, None, "INR")
    assert standing.waits == {"MOBILE": after(60)}


def test_a_redelivery_does_not_write_its_row_again() -> None:
    standing = settle([told("CORE"), told("GATEWAY", amount="90")]).puts["T1"]
    ReconciliationResult.objects.update(channel="UNTOUCHED")
    settle([told("CORE", received=9)], standing)
    assert ReconciliationResult.objects.get().channel == "UNTOUCHED"


def test_a_storm_of_redeliveries_stays_small_in_redis() -> None:
    standing = settle([told("CORE")]).puts["T1"]
    storm = [told("CORE", received=1 + second) for second in range(FEW)]
    assert settle(storm, standing).puts["T1"].events == (told("CORE"),)


def test_after_a_storm_the_earliest_of_each_is_kept() -> None:
    # PostgreSQL gives a transaction's events in no order.
    storm = [told("CORE", received=9 - second) for second in range(FEW)]
    standing = settle([told("GATEWAY", "PENDING", received=20)], Standing(tuple(storm), None, {}))
    kept = standing.puts["T1"].events
    assert [event.received_at for event in kept] == [after(9 - FEW + 1), after(20)]
