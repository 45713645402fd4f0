"""The one clock: PostgreSQL's."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def read_clock() -> datetime:
    """PostgreSQL's clock now, not at the start of the transaction.

    A statement of its own: beside a lock it would be read before the wait.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
