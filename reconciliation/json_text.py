"""Values as JSON: amounts as text, times by RFC 3339, named tuples by their names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson


def dumps(value: object) -> bytes:
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    raise TypeError(f"{type(value)} cannot be told in JSON")
