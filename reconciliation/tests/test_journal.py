from __future__ import annotations

import pytest

from conftest import Desk
from reconciliation.journal import (
    Position,
    UnknownPosition,
    current_position,
    read_journal,
)
from reconciliation.lanes import count_lanes
from reconciliation.tests.strategies import told

pytestmark = pytest.mark.django_db

EVERYTHING = 1000


def decide(desk: Desk, *transaction_ids: str) -> None:
    """Each of them matches."""
    for transaction_id in transaction_ids:
        legs = [told(source) for source in ("CORE", "GATEWAY", "MOBILE")]
        desk.tell(*(leg._replace(transaction_id=transaction_id) for leg in legs))


def test_a_journal_begins_at_nothing() -> None:
    assert current_position() == (0,) * count_lanes()


def test_what_was_decided_after_a_position_is_read_up_to_the_next(desk: Desk) -> None:
    decide(desk, "T1")
    start = current_position()
    decide(desk, "T2", "T3")
    end = current_position()
    decide(desk, "T4")
    position, transaction_ids, _ = read_journal(after=start, upto=end, limit=EVERYTHING)
    assert set(transaction_ids) == {"T2", "T3"}
    assert position == end
    assert end.rows_since(start) == 2


def test_nothing_is_read_where_nothing_has_changed(desk: Desk) -> None:
    decide(desk, "T1")
    here = current_position()
    assert read_journal(after=here, upto=here, limit=EVERYTHING) == (here, [], [])


def test_in_pieces_each_row_is_read_once(desk: Desk) -> None:
    start = current_position()
    wanted = [f"T{number}" for number in range(30)]
    decide(desk, *wanted)
    end, read, at = current_position(), [], start
    while at != end:
        passage = read_journal(after=at, upto=end, limit=7)
        assert len(passage.transaction_ids) <= 7
        at = passage.position
        read += passage.transaction_ids
    assert sorted(read) == sorted(wanted)


def test_a_transaction_that_changed_twice_is_told_once(desk: Desk) -> None:
    start = current_position()
    desk.tell(told("CORE"), told("GATEWAY", amount="90"))
    desk.tell(told("MOBILE", status="FAILED"))
    passage = read_journal(after=start, upto=current_position(), limit=EVERYTHING)
    assert current_position().rows_since(start) == 2
    assert passage.transaction_ids == ["T1"]


def test_those_that_did_not_just_match_are_told_apart(desk: Desk) -> None:
    start = current_position()
    decide(desk, "T1", "T2")
    desk.tell(told("CORE", amount="90")._replace(transaction_id="T2"))
    desk.tell(
        told("CORE")._replace(transaction_id="T3"),
        told("GATEWAY", amount="90")._replace(transaction_id="T3"),
    )
    passage = read_journal(after=start, upto=current_position(), limit=EVERYTHING)
    assert sorted(passage.transaction_ids) == ["T1", "T2", "T3"]
    assert sorted(passage.eventful) == ["T2", "T3"]


def test_a_position_is_told_and_understood_as_text() -> None:
    position = Position((3, 0, 12))
    assert str(position) == "3.0.12"
    assert Position.parse("3.0.12") == position


@pytest.mark.parametrize("text", ["", ".", "1.", "1..2", "-1", "1,2", "x", "1.9" + "9" * 19])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(UnknownPosition):
        Position.parse(text)


@pytest.mark.parametrize("earlier", [(1, 2, 3), (5, 0), (0, 6)])
def test_a_position_of_another_journal_or_of_the_future_is_refused(earlier: tuple[int]) -> None:
    with pytest.raises(UnknownPosition):
        Position((4, 5)).rows_since(Position(earlier))
