"""Put what is told about many transactions into the order of publishing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from producers.telling import Telling


def in_order(begun: Iterable[tuple[float, list[Telling]]]) -> Iterator[Telling]:
    """Merge what is told about transactions that begin one after the other.

    Each pair is when a transaction begins, never falling, and what is told of
    it, never before that; both in seconds after the start. Tellings of one
    moment keep their order. Takes the next transaction only when nothing is
    due before it, so memory holds what is outstanding and no more.
    """
    outstanding: list[tuple[float, int, Telling]] = []
    number = 0
    for begins, told in begun:
        while outstanding and outstanding[0][0] <= begins:
            yield heappop(outstanding)[2]
        for telling in told:
            heappush(outstanding, (telling.at, number, telling))
            number += 1
    while outstanding:
        yield heappop(outstanding)[2]
