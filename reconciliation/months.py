"""The tables of the months ahead."""

from __future__ import annotations

from django.db import connection

MONTHS_AHEAD = 3


def create_months() -> None:
    """Make the partitions of this month and the next ones where they are not there yet.

    A function of the owner's does it: the application role owns no tables.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT create_months(%s)", [MONTHS_AHEAD])
