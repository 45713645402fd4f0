"""What holds for every list: pages by key, nothing counted, no script or style in the page."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import Desk
from ingestion.models import DeadLetter
from reconciliation.clock import read_clock
from reconciliation.models import ReconciliationResult
from reconciliation.tests.strategies import SOURCES, told
from reconsite.tests.test_admin_access import KEPT, list_of

DEAD_LETTERS = list_of("ingestion_deadletter")
RESULTS = list_of("reconciliation_reconciliationresult")
INLINE = re.compile(r"<style|<script(?![^>]*\b(src|type=\"application/json\"))|\sstyle=|\son\w+=")


def make_letters(count: int) -> None:
    """Two share each time."""
    at = read_clock()
    DeadLetter.objects.bulk_create(
        DeadLetter(
            topic="core_txns",
            partition=0,
            offset=offset,
            value=b"?",
            reason="undecodable",
            detail="it ends early",
            received_at=at + timedelta(seconds=offset // 2),
        )
        for offset in range(count)
    )


def records_in(page: str) -> list[str]:
    return re.findall(r">(core_txns/0/\d+)</a>", page)


def next_page(page: str) -> str | None:
    found = re.search(r'<a href="([^"]*)" rel="next">', page)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("name", KEPT)
def test_no_list_counts(admin: Client, name: str) -> None:
    make_letters(3)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert admin.get(list_of(name)).status_code == 200
    table = apps.get_model(name.replace("_", "."))._meta.db_table
    asked = [query["sql"] for query in queries if table in query["sql"]]
    assert asked
    assert not [sql for sql in asked if "COUNT(" in sql.upper()]


@pytest.mark.parametrize("length", [0, 99, 100, 101, 250])
def test_pages_follow_each_other_without_gap_or_repetition(admin: Client, length: int) -> None:
    make_letters(length)
    seen: list[str] = []
    query: str | None = ""
    pages = 0
    while query is not None:
        page = admin.get(DEAD_LETTERS + query).content.decode()
        seen += records_in(page)
        query = next_page(page)
        pages += 1
    assert seen == [f"core_txns/0/{offset}" for offset in reversed(range(length))]
    assert pages == max(1, -(-length // 100))


def test_an_empty_list_is_not_one_in_which_nothing_matches(admin: Client) -> None:
    assert "Nothing here yet." in admin.get(DEAD_LETTERS).content.decode()
    assert "Nothing matches." in admin.get(f"{DEAD_LETTERS}?replayed=no").content.decode()


def test_a_page_keeps_the_filters_and_leads_back(admin: Client) -> None:
    make_letters(150)
    first = admin.get(f"{DEAD_LETTERS}?replayed=no").content.decode()
    query = next_page(first)
    assert query is not None
    assert "replayed=no" in query
    second = admin.get(DEAD_LETTERS + query).content.decode()
    assert "First page" in second
    assert "50 shown: the last" in second


@pytest.mark.parametrize(
    "query",
    [
        "p=2",
        "p=[]",
        'p=["2026-11-25","\\u0000"]',
        'p=["2026-11-25",Infinity]',
        'p=["2026-11-25 00:00:00+00:00","1"]',
        f"p={'[' * 2000}",
        "since=0001-01-01T00:00%2B23:59",
        'p=["x","1"]',
        "p={",
        "replayed=maybe",
        "reason=x",
        "since=yesterday",
    ],
)
def test_what_cannot_be_asked_leads_to_the_plain_list(admin: Client, query: str) -> None:
    answer = admin.get(f"{DEAD_LETTERS}?{query}")
    assert answer.status_code == 302
    assert answer["Location"].endswith("?e=1")
    assert admin.get(answer["Location"]).status_code == 200


def test_columns_that_are_not_offered_cannot_be_asked(admin: Client) -> None:
    assert admin.get(f"{RESULTS}?amount_at_risk__gt=1").status_code == 400


def test_another_order_than_ours_is_not_taken(admin: Client) -> None:
    make_letters(4)
    pages = [admin.get(DEAD_LETTERS + query).content.decode() for query in ("", "?o=1")]
    assert records_in(pages[0]) == records_in(pages[1])


def test_a_range_of_time_is_from_until_before(admin: Client) -> None:
    make_letters(6)
    times = sorted(set(DeadLetter.objects.values_list("received_at", flat=True)))
    since, until = (f"{at:%Y-%m-%dT%H:%M:%S.%f}" for at in times[1:])
    page = admin.get(DEAD_LETTERS, {"since": since, "until": until}).content.decode()
    assert records_in(page) == ["core_txns/0/3", "core_txns/0/2"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=mismatched", ["disputed"]),
        ("status=matched", ["matched"]),
        ("status=in_flight", []),
        ("discrepancy=AMOUNT", ["disputed"]),
        ("discrepancy=STATUS", []),
        ("q=disp", ["disputed"]),
        ("q=sputed", []),
        ("", ["disputed", "matched"]),
    ],
)
def test_results_are_found(admin: Client, desk: Desk, query: str, found: list[str]) -> None:
    desk.tell(*(told(source)._replace(transaction_id="matched") for source in SOURCES))
    disputed = (told("CORE"), told("GATEWAY", amount="90"))
    desk.tell(*(event._replace(transaction_id="disputed") for event in disputed))
    assert ReconciliationResult.objects.count() == 2
    page = admin.get(f"{RESULTS}?{query}").content.decode()
    assert re.findall(r"/change/[^>]*>(\w+)</a></th>", page) == found


@pytest.mark.parametrize("name", ["index", *(f"{name}_changelist" for name in KEPT)])
def test_the_policy_needs_no_exception(admin: Client, name: str) -> None:
    make_letters(3)
    answer = admin.get(reverse(f"admin:{name}"))
    assert not INLINE.search(answer.content.decode())
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
