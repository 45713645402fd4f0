from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from reconciliation.json_text import dumps


def test_amounts_are_text_with_all_their_decimals() -> None:
    assert dumps({"amount": Decimal("100.0000")}) == b'{"amount":"100.0000"}'


def test_times_tell_microseconds_and_their_offset() -> None:
    at = datetime(2026, 3, 2, 10, 0, 0, 1, tzinfo=UTC)
    assert dumps(at) == b'"2026-03-02T10:00:00.000001+00:00"'


def test_what_has_no_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError):
        dumps({"amount": {1, 2}})
