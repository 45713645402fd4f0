from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from itertools import pairwise

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Desk
from reconciliation.events import Event
from reconciliation.models import MinuteTally, Total
from reconciliation.standings import StoredResult
from reconciliation.tallies import Tallies
from reconciliation.tests.strategies import SOURCES, histories, told

pytestmark = pytest.mark.django_db

LANE = 3
AT = datetime(2026, 11, 25, 9, 30, 59, tzinfo=UTC)
MINUTE = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
MATCHED = StoredResult("matched", (), Decimal(0), 1, AT, None, None, "INR")
AMOUNT = StoredResult("mismatched", ("AMOUNT",), Decimal("2.5"), 1, AT, AT, None, "INR")
BOTH = AMOUNT._replace(discrepancies=("AMOUNT", "STATUS"), amount_at_risk=Decimal(9), revision=2)
HEALED = MATCHED._replace(revision=3, mismatched_at=AT, healed_at=AT)
REOPENED = MATCHED._replace(status="in_flight", revision=2)

Move = tuple[StoredResult | None, StoredResult | None]


def tally(*moves: Move, known: bool = True, at: datetime = AT) -> None:
    tallies = Tallies(at)
    for before, after in moves:
        tallies.count(LANE, known, before, after)
    tallies.write()


def totals() -> set[tuple[str, str, int, Decimal]]:
    rows = Total.objects.exclude(transactions=0)
    return set(rows.values_list("status", "currency", "transactions", "amount_at_risk"))


def minutes() -> dict[str, int]:
    rows: Iterable[tuple[str, int]] = MinuteTally.objects.values_list("kind", "transactions")
    return dict(rows)


def test_new_transactions_are_counted_by_status_and_currency() -> None:
    dollars = AMOUNT._replace(currency="USD")
    tally((None, None), (None, MATCHED), (None, AMOUNT), (None, dollars), known=False)
    assert totals() == {
        ("in_flight", "", 1, Decimal(0)),
        ("matched", "INR", 1, Decimal(0)),
        ("mismatched", "INR", 1, Decimal("2.5")),
        ("mismatched", "USD", 1, Decimal("2.5")),
    }


def test_a_decision_moves_a_transaction_out_of_flight() -> None:
    tally((None, None), (None, None), known=False)
    tally((None, AMOUNT))
    assert totals() == {
        ("in_flight", "", 1, Decimal(0)),
        ("mismatched", "INR", 1, Decimal("2.5")),
    }


def test_what_is_at_risk_moves_with_its_verdict() -> None:
    tally((None, AMOUNT), known=False)
    tally((AMOUNT, BOTH))
    assert totals() == {("mismatched", "INR", 1, Decimal(9))}
    tally((BOTH, HEALED))
    assert totals() == {("matched", "INR", 1, Decimal(0))}


def test_a_change_of_currency_alone_moves_the_risk() -> None:
    tally((None, AMOUNT), known=False)
    tally((AMOUNT, AMOUNT._replace(currency="USD")))
    assert totals() == {("mismatched", "USD", 1, Decimal("2.5"))}


def test_a_transaction_opened_again_is_in_flight_in_its_currency() -> None:
    tally((None, MATCHED), known=False)
    tally((MATCHED, REOPENED))
    assert totals() == {("in_flight", "INR", 1, Decimal(0))}
    assert minutes() == {"matched": 1}


def test_a_minute_counts_what_became_of_transactions_and_what_they_gained() -> None:
    tally((None, AMOUNT), known=False)
    tally((AMOUNT, BOTH))
    tally((BOTH, HEALED))
    assert minutes() == {"mismatched": 1, "AMOUNT": 1, "STATUS": 1, "healed": 1}


def test_a_minute_begins_at_its_start_and_the_next_one_counts_anew() -> None:
    tally((None, MATCHED), known=False)
    tally((None, MATCHED), known=False, at=AT + timedelta(seconds=1))
    assert set(MinuteTally.objects.values_list("minute", "transactions")) == {
        (MINUTE, 1),
        (MINUTE + timedelta(minutes=1), 1),
    }


def test_what_stays_as_it_is_counts_nothing() -> None:
    tally((None, None), (MATCHED, MATCHED))
    assert not totals()
    assert not minutes()


def all_figures() -> tuple[set[object], set[object]]:
    return (
        set(Total.objects.exclude(transactions=0).values_list()),
        set(MinuteTally.objects.values_list()),
    )


def counted_anew() -> tuple[set[object], set[object]]:
    """As the migration counts what was stored before figures were kept."""
    migration = import_module("reconciliation.migrations.0004_kept_figures")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM totals; DELETE FROM minute_tallies")
        cursor.execute(migration.COUNT_TOTALS)
        cursor.execute(migration.COUNT_MINUTES)
    return all_figures()


def test_what_is_matched_after_a_mismatch_has_healed_though_it_was_opened_between(
    desk: Desk,
) -> None:
    for status in ("FAILED", "REVERSED"):
        desk.tell(told("CORE"), told("GATEWAY", status))
    desk.tell(*(told(source, "REVERSED") for source in SOURCES))
    assert minutes() == {"mismatched": 1, "STATUS": 1, "healed": 1}
    assert all_figures() == counted_anew()


def test_the_core_bankings_currency_takes_over_what_is_at_risk(desk: Desk) -> None:
    desk.tell(told("GATEWAY", currency="USD"), told("MOBILE"))
    assert totals() == {("mismatched", "USD", 1, Decimal(100))}
    desk.tell(told("CORE"))
    assert totals() == {("mismatched", "INR", 1, Decimal(100))}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@st.composite
def tellings(draw: st.DrawFn) -> list[tuple[Sequence[Event], bool]]:
    """Events of a few transactions, shuffled and cut; with each whether all has been read."""
    ids = draw(st.sets(st.sampled_from(("T1", "T2", "T3")), min_size=1))
    events = [e._replace(transaction_id=each) for each in sorted(ids) for e in draw(histories())]
    shuffled = draw(st.permutations(events))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled)), max_size=6)))
    pieces = [shuffled[start:end] for start, end in pairwise([0, *cuts, len(shuffled)])]
    return [(piece, draw(st.booleans())) for piece in pieces]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tellings())
def test_after_any_history_the_kept_figures_are_those_that_counting_gives(
    desk: Desk, pieces: list[tuple[Sequence[Event], bool]]
) -> None:
    everything = dict.fromkeys(SOURCES, datetime.max.replace(tzinfo=UTC))
    with undone():
        for events, all_read in pieces:
            desk.tell(*events, read_until=everything if all_read else {})
            kept = all_figures()
            with undone():
                assert kept == counted_anew()
