"""How far sources have been read, and what follows from the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconciliation.feeds import NEVER, Feeds, Hold

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_clock_that_has_stepped_back_is_not_believed() -> None:
    feeds = Feeds({"CORE": TEN, "GATEWAY": TEN - MINUTE})
    assert feeds.not_before(TEN - MINUTE) == TEN
    assert feeds.not_before(TEN + MINUTE) == TEN + MINUTE
    assert Feeds({}).not_before(TEN) == TEN


def test_within_an_incident_a_source_is_waited_for_until_one_window_after_its_end() -> None:
    ended = Feeds({}, (Hold("CORE", TEN, TEN + MINUTE),))
    assert ended.wait_until("CORE", TEN, MINUTE) == TEN + 2 * MINUTE
    assert ended.wait_until("GATEWAY", TEN, MINUTE) == TEN


def test_while_an_incident_is_open_no_time_wakes_what_it_holds() -> None:
    assert Feeds({}, (Hold("CORE", TEN, None),)).wait_until("CORE", TEN, MINUTE) == NEVER
