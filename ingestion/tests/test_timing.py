from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import timing
from ingestion.timing import LONGEST_PAUSE_SECONDS, Interval, pause_after


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Its `now` is what `time.monotonic()` gives."""
    clock = SimpleNamespace(now=100.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(timing, "time", clock)
    return clock


def test_an_interval_is_over_the_first_time_and_then_once_in_so_many_seconds(
    clock: SimpleNamespace,
) -> None:
    interval, over = Interval(10.0), []
    for clock.now in (100.0, 100.0, 109.9, 110.0, 115.0, 119.9, 120.0):
        over.append(interval.is_over())
    assert over == [True, False, False, True, False, False, True]


def test_an_interval_that_was_not_asked_for_long_is_over_once(clock: SimpleNamespace) -> None:
    interval = Interval(10.0)
    interval.is_over()
    clock.now = 1000.0
    assert [interval.is_over(), interval.is_over()] == [True, False]


def test_an_interval_can_be_over_at_once(clock: SimpleNamespace) -> None:
    interval = Interval(10.0)
    interval.is_over()
    interval.at_once()
    assert [interval.is_over(), interval.is_over()] == [True, False]


@given(st.integers(1, 10**9))
def test_a_pause_is_never_too_short_and_never_too_long(attempt: int) -> None:
    assert 0.25 <= pause_after(attempt) <= LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize("attempt", range(1, 7))
def test_a_pause_grows_with_each_attempt(attempt: int) -> None:
    assert 0.125 * 2**attempt <= pause_after(attempt) <= 0.25 * 2**attempt


def test_those_that_failed_together_do_not_try_again_together() -> None:
    assert len({pause_after(8) for _ in range(20)}) > 10
