from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from producers.schedule import in_order
from producers.telling import Telling
from producers.tests.test_encoding import EVENT

delays = st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=20)


def begun(delays: list[list[int]]) -> list[tuple[float, list[Telling]]]:
    """One transaction a second; each is told of after these delays."""
    return [
        (float(begins), [Telling(begins + delay, EVENT) for delay in each])
        for begins, each in enumerate(delays)
    ]


@given(delays)
def test_everything_is_told_in_order(delays: list[list[int]]) -> None:
    told = [telling.at for telling in in_order(begun(delays))]
    assert told == sorted(telling.at for _, each in begun(delays) for telling in each)


def test_a_transaction_is_taken_only_when_nothing_is_due_before_it() -> None:
    transactions = iter(begun([[0, 9], [1], [1], [1]]))
    ordered = in_order(transactions)
    assert next(ordered).at == 0
    assert next(transactions)[0] == 2


def test_what_comes_last_of_all_keeps_its_order() -> None:
    late = [Telling(float("inf"), EVENT._replace(event_id=name)) for name in "abc"]
    told = in_order([(0.0, late[:2]), (1.0, [Telling(1.5, EVENT), late[2]])])
    assert [telling.event.event_id for telling in told][1:] == ["a", "b", "c"]
