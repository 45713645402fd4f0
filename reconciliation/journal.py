"""Reading the journal: what has changed of the verdicts since a position.

Nothing here depends on transaction ids or on the order of commits: a lane's
rows are numbered under its lock, so whoever has read up to a number has read
all before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Self

from django.db import connection

from reconciliation.models import Lane

_POSITION = re.compile(r"\d{1,19}(\.\d{1,19})*", re.ASCII)


class UnknownPosition(Exception):
    """A text that is no position of this journal: malformed, or of another database."""


class Position(tuple[int, ...]):
    """The number of the last journal row that was read, of each lane in order.

    Its text is for us alone: others keep it and give it back.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return ".".join(map(str, self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises UnknownPosition."""
        if not _POSITION.fullmatch(text):
            raise UnknownPosition(text)
        return cls(map(int, text.split(".")))

    def rows_since(self, earlier: Position) -> int:
        """How many rows lie between. Raises UnknownPosition unless `earlier` is before this one."""
        if len(self) != len(earlier) or any(
            was > now for now, was in zip(self, earlier, strict=True)
        ):
            raise UnknownPosition(str(earlier))
        return sum(self) - sum(earlier)


class Passage(NamedTuple):
    """A piece of the journal: where it ends, and the transactions of its rows, each once.

    `eventful` are those of them that did not just match at once.
    """

    position: Position
    transaction_ids: list[str]
    eventful: list[str]


_ROWS = """
    SELECT span.lane, journal.n, journal.transaction_id, journal.eventful
    FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS span (lane, after, upto),
    LATERAL (
        SELECT n, transaction_id, (revision > 1 OR status <> 'matched') AS eventful
        FROM result_revisions
        WHERE lane = span.lane AND n > after AND n <= upto
        ORDER BY n LIMIT %s) AS journal
    ORDER BY span.lane, journal.n
    LIMIT %s
"""


def current_position() -> Position:
    """Where the journal ends: all rows up to there can be read."""
    return Position(Lane.objects.order_by("lane").values_list("n", flat=True))


def read_journal(*, after: Position, upto: Position, limit: int) -> Passage:
    """At most `limit` rows after one position, none beyond the other; lane by lane."""
    # No lane can give more rows than that: without a bound PostgreSQL sorts all that follow.
    ends = [min(now, was + limit) for was, now in zip(after, upto, strict=True)]
    spans = enumerate(zip(after, ends, strict=True))
    moved = [(lane, was, end) for lane, (was, end) in spans if was != end]
    if not moved:
        return Passage(upto, [], [])
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [*map(list, zip(*moved, strict=True)), limit, limit])
        rows = cursor.fetchall()
    if len(rows) == limit:
        lane, n, *_ = rows[-1]
        ends[lane:] = [n, *after[lane + 1 :]]
    eventful = (transaction_id for *_, transaction_id, is_eventful in rows if is_eventful)
    return Passage(Position(ends), _distinct(row[2] for row in rows), _distinct(eventful))


def _distinct(transaction_ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(transaction_ids))
