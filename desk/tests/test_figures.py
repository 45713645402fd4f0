from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from conftest import Desk, Poller, unreadable
from desk.selectors import KINDS, read_minutes, read_timeseries
from ingestion.batch import BatchStore
from reconciliation.models import MinuteTally
from reconciliation.tests.strategies import TEN, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, 34, 30, tzinfo=UTC)


def tally(at: datetime, **counts: int) -> None:
    for lane, (kind, count) in enumerate(counts.items()):
        MinuteTally.objects.create(minute=at, lane=lane, kind=kind, transactions=count)


def test_the_summary_of_nothing(viewer: Client) -> None:
    summary = viewer.get("/api/v1/summary").json()
    assert (summary["in_flight"], summary["matched"], summary["mismatched"]) == (0, 0, 0)
    assert summary["amount_at_risk"] == []
    assert set(summary["position"].split(".")) == {"0"}


def test_the_summary_tells_each_status_and_the_risk_by_currency(
    viewer: Client, store: BatchStore, poller: Poller
) -> None:
    agreed = [told(source) for source in ("CORE", "GATEWAY", "MOBILE")]
    dollars = [
        told("CORE", currency="USD")._replace(transaction_id="T2"),
        told("GATEWAY", currency="USD", amount="90")._replace(transaction_id="T2"),
    ]
    alone = told("CORE")._replace(transaction_id="T3")
    store.store(poller.batch(*agreed, *dollars, alone, unreadable("MOBILE")))
    summary = viewer.get("/api/v1/summary").json()
    assert (summary["in_flight"], summary["matched"], summary["mismatched"]) == (1, 1, 1)
    assert summary["dead_letters"] == 1
    assert summary["amount_at_risk"] == [{"currency": "USD", "amount": "10.0000"}]


def test_sources_tell_how_far_they_are_read(
    viewer: Client, store: BatchStore, poller: Poller
) -> None:
    at = store.store(poller.batch(told("CORE"), unreadable("CORE"), read_until={"CORE": TEN}))
    core, gateway, mobile = viewer.get("/api/v1/sources").json()
    assert (core["source"], core["topic"]) == ("core", "core_txns")
    assert (core["records"], core["dead_letters"]) == (2, 1)
    assert datetime.fromisoformat(core["last_record_at"]) == at
    assert datetime.fromisoformat(core["read_until"]) == TEN
    assert core["lag_seconds"] > 0
    for silent in (gateway, mobile):
        assert silent["records"] == 0
        assert silent["last_record_at"] is None
        assert silent["read_until"] is None
        assert silent["lag_seconds"] is None


def test_a_source_that_was_never_seen_is_there_all_the_same(viewer: Client) -> None:
    assert [each["records"] for each in viewer.get("/api/v1/sources").json()] == [0, 0, 0]


def test_a_series_has_no_holes_and_ends_with_the_running_step() -> None:
    hour = read_timeseries("hour", NOW)
    assert (hour.step, len(hour.times)) == (60, 61)
    assert datetime.fromtimestamp(hour.times[-1], UTC) == NOW.replace(second=0)
    assert hour.series.keys() == set(KINDS)
    day = read_timeseries("day", NOW)
    assert (day.step, len(day.times)) == (600, 145)
    assert datetime.fromtimestamp(day.times[-1], UTC) == NOW.replace(minute=30, second=0)


def test_a_series_adds_up_lanes_and_minutes() -> None:
    tally(NOW.replace(second=0), AMOUNT=2, matched=7)
    MinuteTally.objects.create(minute=NOW.replace(second=0), lane=9, kind="AMOUNT", transactions=3)
    tally(NOW.replace(minute=31, second=0), AMOUNT=1)
    tally(NOW - timedelta(hours=1, minutes=1), AMOUNT=1000)
    hour = read_timeseries("hour", NOW)
    assert hour.series["AMOUNT"][-4:] == [1, 0, 0, 5]
    assert sum(hour.series["AMOUNT"]) == 6
    assert hour.series["matched"][-1] == 7
    assert read_timeseries("day", NOW).series["AMOUNT"][-1] == 6


def test_the_last_two_minutes_are_told_apart() -> None:
    tally(NOW.replace(second=0), AMOUNT=2)
    tally(NOW.replace(minute=33, second=0), STATUS=1)
    tally(NOW.replace(minute=32, second=0), STATUS=1000)
    before, running = read_minutes(NOW)
    assert running == {"minute": int(NOW.replace(second=0).timestamp()), "counts": {"AMOUNT": 2}}
    assert before == {"minute": running["minute"] - 60, "counts": {"STATUS": 1}}


def test_the_series_is_told_for_an_hour_or_a_day(viewer: Client, desk: Desk) -> None:
    desk.tell(told("CORE"), told("GATEWAY", amount="90"))
    for query in ("", "?range=hour", "?range=day"):
        series = viewer.get(f"/api/v1/timeseries{query}").json()["series"]
        assert sum(series["AMOUNT"]) == sum(series["mismatched"]) == 1
    response = viewer.get("/api/v1/timeseries?range=year")
    assert response.json()["errors"][0]["field"] == "range"
