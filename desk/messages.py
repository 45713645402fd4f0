"""What is told over the live socket, each message as the text that all sockets get."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings

from desk.selectors import read_minutes, read_summary, results_of
from desk.serializers import ResultSerializer, SourceSerializer, SummarySerializer
from ingestion.selectors import read_sources
from reconciliation.journal import Position, UnknownPosition, current_position, read_journal
from reconciliation.json_text import dumps

# A screen has no use for more rows; then the number of changes is told alone.
MOST_ROWS = 50
# After a jump of more changes than this, as in a drain, they are not even looked at.
MOST_CHANGES = 500


class Changes(NamedTuple):
    """The message about what changed up to a position."""

    position: Position
    text: str


def read_changes(after: Position) -> Changes | None:
    """None where the journal has not moved.

    Where it is another journal, as after a restore of the database, nothing is
    said to have changed after its own position: nobody is there, so everybody
    reads anew.
    """
    now = current_position()
    if now == after:
        return None
    try:
        count = now.rows_since(after)
    except UnknownPosition:
        return _changes(now, now, 0, None)
    return _changes(after, now, count, _rows(after, now) if count <= MOST_CHANGES else None)


def read_pulse(position: Position) -> str:
    """The figures now, for those who were told of the changes up to `position`."""
    summary = read_summary()
    pulse = {
        "type": "pulse",
        "position": str(position),
        "summary": SummarySerializer(summary).data,
        "sources": SourceSerializer(read_sources(settings.TOPICS, summary.at), many=True).data,
        "minutes": read_minutes(summary.at),
    }
    return dumps(pulse).decode()


def _rows(after: Position, upto: Position) -> list[dict[str, Any]] | None:
    """The changed transactions; of many those that did not just match; of too many None."""
    passage = read_journal(after=after, upto=upto, limit=MOST_CHANGES)
    transaction_ids = passage.transaction_ids
    if len(transaction_ids) > MOST_ROWS:
        transaction_ids = passage.eventful
    if len(transaction_ids) > MOST_ROWS:
        return None
    return list(ResultSerializer(results_of(transaction_ids), many=True).data)


def _changes(
    after: Position, position: Position, count: int, rows: list[dict[str, Any]] | None
) -> Changes:
    message = {
        "type": "changes",
        "after": str(after),
        "position": str(position),
        "count": count,
        "rows": rows,
    }
    return Changes(position, dumps(message).decode())
