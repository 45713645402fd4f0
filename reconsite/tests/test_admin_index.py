"""The first page: figures that lead to what they count, and what is where."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from conftest import Desk, Poller, unreadable
from ingestion.batch import BatchStore
from reconciliation.tests.strategies import SOURCES, told
from reconsite.tests.test_admin_access import KEPT, list_of


def index(client: Client) -> str:
    return " ".join(client.get(reverse("admin:index")).content.decode().split())


def test_figures_lead_to_what_they_count(admin: Client, store: BatchStore, poller: Poller) -> None:
    events = [told(source) for source in SOURCES]
    store.store(poller.batch(*events, unreadable("CORE")))
    page = index(admin)
    results = list_of("reconciliation_reconciliationresult")
    assert f'<a href="{results}?status=matched"><strong>1</strong> matched</a>' in page
    assert f'<a href="{results}?status=mismatched"><strong>0</strong> mismatched</a>' in page
    letters = list_of("ingestion_deadletter")
    assert f'<a href="{letters}?replayed=no"><strong>1</strong> dead letters</a>' in page
    assert f'{letters}?replayed=no&amp;topic=core_txns">1</a>' in page


def test_amounts_at_risk_are_told_by_currency(admin: Client, desk: Desk) -> None:
    assert "Nothing is at risk." in index(admin)
    desk.tell(told("CORE", amount="2100"), told("GATEWAY", amount="100"))
    assert "2,000.0000" in index(admin)


def test_a_source_that_was_never_read_says_so(admin: Client) -> None:
    assert index(admin).count("never read to its end") == 3


def test_every_list_is_named_with_what_it_holds(admin: Client) -> None:
    page = index(admin)
    for name in KEPT:
        assert f'<dt><a href="{list_of(name)}">' in page


def test_compliance_is_not_offered_accounts(compliance: Client) -> None:
    assert reverse("admin:auth_user_changelist") not in index(compliance)
