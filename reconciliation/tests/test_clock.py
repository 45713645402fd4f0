from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.db import connection

from reconciliation.clock import read_clock

pytestmark = pytest.mark.django_db


def test_it_is_aware_and_in_utc() -> None:
    assert read_clock().utcoffset() == timedelta(0)
    assert read_clock().tzinfo == UTC


def test_it_goes_on_within_a_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (began,) = cursor.fetchone()
    first, second = read_clock(), read_clock()
    assert began < first < second
