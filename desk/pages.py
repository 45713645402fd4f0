"""Pages by key: each begins after the last row of the one before, however far down.

Nothing is counted and nothing is skipped, so the thousandth page costs what
the first does. A thousand rows that share a time are told apart by their key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

LIMIT = 50
LIMIT_MOST = 200


class UnknownCursor(Exception):
    """A text that we did not give as a cursor of this list in this order."""


class Order(NamedTuple):
    """Descending by two columns that an index has in this order; the second one is unique.

    `name` is how the order is asked for.
    """

    name: str
    columns: tuple[str, str]


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


# Signed, so that whatever is read from one was written here: nobody can make
# up a value that a column does not take. The order is the salt.
def _cursor(order: Order, *values: object) -> str:
    return Signer(salt=order.name).sign_object([str(value) for value in values])


def _position(order: Order, cursor: str) -> tuple[str, str]:
    try:
        first, second = Signer(salt=order.name).unsign_object(cursor)
    except BadSignature as error:
        raise UnknownCursor(cursor) from error
    return first, second


NEWEST = Order("-updated_at", ("updated_at", "transaction_id"))
MOST_AT_RISK = Order("-amount_at_risk", ("amount_at_risk", "transaction_id"))
LETTERS = Order("-received_at", ("received_at", "id"))
