"""What a worker tells of its work: counts, and the dead letters one after the other."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog

from ingestion.decoding import Record, Unreadable
from ingestion.timing import Interval

log = structlog.get_logger(__name__)

TOLD_PER_BATCH = 5


class TooManyDeadLetters(Exception):
    """So many in a row that the deployment is wrong, not the data."""


class Tally:
    """`limit` is how many dead letters in a row stop the worker; 0: none do."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._dead_in_row = 0
        self._events = 0
        self._dead = 0
        self._started = time.monotonic()
        self._telling = Interval(10.0)

    def stored(self, records: Sequence[Record | Unreadable]) -> None:
        """Count what was stored. Raises TooManyDeadLetters when they make the row too long."""
        unreadable = [record for record in records if isinstance(record, Unreadable)]
        self._events += len(records) - len(unreadable)
        self._dead += len(unreadable)
        self._tell_of(unreadable)
        if records and not unreadable:
            self._dead_in_row = 0
            return
        for record in records:
            if not isinstance(record, Unreadable):
                self._dead_in_row = 0
                continue
            self._dead_in_row += 1
            if self._dead_in_row == self._limit:
                raise TooManyDeadLetters(
                    f"{self._limit} records in a row could not be read, the last one of them "
                    f"{record.topic}/{record.partition}/{record.offset}: {record.detail}. That is "
                    "a wrong deployment, not data. They are kept as dead letters. Mend what "
                    "publishes them, or raise RECON_MAX_DEAD_LETTERS_IN_ROW (0: never stop)."
                )

    def _tell_of(self, unreadable: Sequence[Unreadable]) -> None:
        for record in unreadable[:TOLD_PER_BATCH]:
            log.warning(
                "dead_letter",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                reason=record.reason,
                detail=record.detail,
            )
        if len(unreadable) > TOLD_PER_BATCH:
            log.warning("dead_letters", more=len(unreadable) - TOLD_PER_BATCH)

    def tell(self, behind: int, *, always: bool = False) -> None:
        """A line about the work so far, every ten seconds; `behind` counts records to be read."""
        if self._telling.is_over() or always:
            log.info(
                "progress",
                events=self._events,
                dead_letters=self._dead,
                behind=behind,
                seconds=round(time.monotonic() - self._started, 1),
            )
