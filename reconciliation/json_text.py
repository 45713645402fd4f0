"""Values as JSON: amounts as text, times by RFC 3339."""

from __future__ import annotations

from decimal import Decimal

import orjson


def dumps(value: object) -> bytes:
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value)} cannot be told in JSON")
