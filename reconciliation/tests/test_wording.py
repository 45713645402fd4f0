from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from reconciliation.events import Discrepancy, Event
from reconciliation.feeds import Feeds
from reconciliation.json_text import dumps
from reconciliation.matching import judge
from reconciliation.rule_book import RuleBook
from reconciliation.tests.strategies import SOURCES, told
from reconciliation.wording import exact_utc, in_words

pytestmark = pytest.mark.django_db

LONG_AFTER = timedelta(days=1)


def sentences(*events: Event) -> dict[str, str]:
    """What is said of these once every source is overdue, from details as they are stored."""
    later = max(event.received_at for event in events) + LONG_AFTER
    feeds = Feeds(dict.fromkeys(SOURCES, later))
    verdict = judge(events, RuleBook().current()[0], feeds).verdict
    details = orjson.loads(dumps(verdict.details))
    return {name: in_words(name, details[name], verdict.currency) for name in details}


CASES: Sequence[tuple[str, Sequence[Event], str]] = [
    (
        "AMOUNT",
        [told("CORE", amount="100"), told("GATEWAY", amount="90")],
        "The amounts differ by 10",
    ),
    (
        "CURRENCY",
        [told("CORE", currency="INR"), told("MOBILE", currency="USD")],
        "The currencies differ: core INR, mobile USD.",
    ),
    (
        "ACCOUNT",
        [told("CORE"), told("MOBILE", account="B")],
        "The accounts differ: core A, mobile B.",
    ),
    (
        "STATUS",
        [told("CORE", "FAILED"), told("GATEWAY", "SUCCESS")],
        "What became of the money is told differently: core FAILED, gateway SUCCESS.",
    ),
    ("UNRESOLVED", [told("CORE", "PENDING")], "Nobody has told an outcome within the pending"),
    ("MISSING_MOBILE", [told("CORE")], "Money moved, but mobile has told nothing; it was due at "),
    ("MISSING_GATEWAY", [told("CORE")], "Money moved, but gateway has told nothing; it was due"),
    ("MISSING_CORE", [told("MOBILE")], "Money moved, but core has told nothing; it was due at "),
    (
        "DUPLICATE",
        [told("CORE", amount="100"), told("CORE", amount="90")],
        "core has told more than one content: SUCCESS ",
    ),
    (
        "TIMESTAMP",
        [told("CORE"), told("GATEWAY", occurred=86_400)],
        "The times differ by 86400.0 seconds (5.0 are tolerated): core 20",
    ),
]


@pytest.mark.parametrize(("name", "events", "sentence"), CASES)
def test_each_discrepancy_is_a_sentence(name: str, events: Sequence[Event], sentence: str) -> None:
    said = sentences(*events)[name]
    assert said.startswith(sentence)
    assert said.endswith(".")


def test_none_is_left_without_words() -> None:
    assert {name for name, _, _ in CASES} == set(Discrepancy.values)


def test_times_are_exact_and_say_where_they_are_from() -> None:
    at = datetime(2026, 11, 25, 12, 3, 4, 5, UTC)
    assert exact_utc(at) == exact_utc(at.isoformat()) == "2026-11-25 12:03:04.000005 UTC"
    assert exact_utc(None) == "-"
