from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from conftest import unreadable
from ingestion.decoding import Reason, Record, Unreadable
from ingestion.tally import TOLD_PER_BATCH, Tally, TooManyDeadLetters
from reconciliation.tests.strategies import told

Logged = Callable[[str], list[dict[str, Any]]]

GOOD = Record._make(told("CORE")[:-1])
DEAD = unreadable("CORE", offset=7)

# Each batch in its turn; a limit of three.
TOO_MANY: dict[str, Sequence[Sequence[Record | Unreadable]]] = {
    "in one batch": [[GOOD, DEAD, DEAD, DEAD]],
    "over several batches": [[GOOD, DEAD], [DEAD], [DEAD]],
    "with batches of nothing between": [[DEAD], [], [DEAD], [], [DEAD]],
    "before a good one": [[DEAD, DEAD, DEAD, GOOD]],
    "more than the limit": [[DEAD] * 10],
}
FEW: dict[str, Sequence[Sequence[Record | Unreadable]]] = {
    "with a good one between": [[DEAD, DEAD, GOOD, DEAD, DEAD]],
    "with a good batch between": [[DEAD, DEAD], [GOOD], [DEAD, DEAD]],
    "with a good one at the end": [[DEAD, DEAD, GOOD], [DEAD, DEAD]],
}


def store(tally: Tally, batches: Sequence[Sequence[Record | Unreadable]]) -> None:
    for batch in batches:
        tally.stored(batch)


@pytest.mark.parametrize("batches", TOO_MANY.values(), ids=TOO_MANY)
def test_too_many_dead_letters_in_a_row_stop(
    batches: Sequence[Sequence[Record | Unreadable]],
) -> None:
    with pytest.raises(TooManyDeadLetters, match=r"3 records in a row .* core_txns/0/7: it ends"):
        store(Tally(3), batches)


@pytest.mark.parametrize("batches", FEW.values(), ids=FEW)
def test_dead_letters_that_are_not_in_a_row_do_not_stop(
    batches: Sequence[Sequence[Record | Unreadable]],
) -> None:
    store(Tally(3), batches)


def test_a_limit_of_0_never_stops() -> None:
    store(Tally(0), [[DEAD] * 1000])


def test_a_dead_letter_is_told_with_where_it_is_and_why(logged: Logged) -> None:
    store(Tally(0), [[GOOD, DEAD]])
    (told_of,) = logged("dead_letter")
    assert (told_of["topic"], told_of["partition"], told_of["offset"]) == ("core_txns", 0, 7)
    assert (told_of["reason"], told_of["detail"]) == (Reason.UNDECODABLE, "it ends early")


def test_of_many_dead_letters_the_first_are_told_and_how_many_more(logged: Logged) -> None:
    store(Tally(0), [[DEAD] * (TOLD_PER_BATCH + 3)])
    assert len(logged("dead_letter")) == TOLD_PER_BATCH
    assert [told_of["more"] for told_of in logged("dead_letters")] == [3]


def test_as_many_as_are_told_leave_no_more(logged: Logged) -> None:
    store(Tally(0), [[DEAD] * TOLD_PER_BATCH])
    assert not logged("dead_letters")


def test_progress_counts_what_was_stored(logged: Logged) -> None:
    tally = Tally(0)
    store(tally, [[GOOD, DEAD, GOOD], [], [GOOD]])
    tally.tell(behind=5)
    (progress,) = logged("progress")
    assert (progress["events"], progress["dead_letters"], progress["behind"]) == (3, 1, 5)


def test_progress_is_told_now_and_then_and_in_the_end(logged: Logged) -> None:
    tally = Tally(0)
    for _ in range(3):
        tally.tell(behind=0)
    assert len(logged("progress")) == 1
    tally.tell(behind=0, always=True)
    assert len(logged("progress")) == 2
