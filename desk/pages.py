"""Pages by key: each begins after the last row of the one before, however far down.

Nothing is counted and nothing is skipped, so the thousandth page costs what
the first does. A thousand rows that share a time are told apart by their key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from reconciliation.json_text import dumps

LIMIT = 50
LIMIT_MOST = 200


class UnknownCursor(Exception):
    """A text that was not given as a cursor of this list in this order."""


class Order(NamedTuple):
    """Descending by two columns that an index has in this order; the second one is unique.

    `name` is how the order is asked for, `parse` reads the first column's value.
    """

    name: str
    columns: tuple[str, str]
    parse: Any = datetime.fromisoformat


class Page(NamedTuple):
    rows: Sequence[Any]
    next: str | None


def read_page(rows: QuerySet[Any], order: Order, cursor: str | None, limit: int) -> Page:
    """Raises UnknownCursor."""
    first, second = order.columns
    if cursor:
        after = _position(order, cursor)
        rows = rows.filter(TupleLessThan(Tuple(F(first), F(second)), after))
    found = list(rows.order_by(f"-{first}", f"-{second}")[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    return Page(found[:limit], _cursor(order, getattr(last, first), getattr(last, second)))


def _cursor(order: Order, *values: object) -> str:
    return base64.urlsafe_b64encode(dumps([order.name, *values])).decode().rstrip("=")


def _position(order: Order, cursor: str) -> tuple[Any, Any]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        name, first, second = orjson.loads(text)
        position = order.parse(first), second
    except (binascii.Error, ValueError, TypeError, InvalidOperation) as error:
        raise UnknownCursor(cursor) from error
    if name != order.name or not isinstance(second, str | int):
        raise UnknownCursor(cursor)
    return position


NEWEST = Order("-updated_at", ("updated_at", "transaction_id"))
MOST_AT_RISK = Order("-amount_at_risk", ("amount_at_risk", "transaction_id"), Decimal)
LETTERS = Order("-received_at", ("received_at", "id"))
