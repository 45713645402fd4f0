"""The page of one transaction's verdict, and those that it leads to."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from conftest import Desk
from reconciliation.models import (
    OpenTransaction,
    RawEvent,
    ReconciliationResult,
    ResultRevision,
    RuleSetVersion,
)
from reconciliation.read_only_admin import list_of, page_of
from reconciliation.tests.strategies import told


@pytest.fixture
def disputed(desk: Desk) -> str:
    transaction_id = "T/1_2"
    events = (told("CORE", amount="100.0000"), told("GATEWAY", amount="90.5000"))
    desk.tell(*(event._replace(transaction_id=transaction_id) for event in events))
    return transaction_id


def get(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_a_result_says_in_words_what_differs(admin: Client, disputed: str) -> None:
    page = get(admin, page_of(ReconciliationResult, disputed))
    assert "The amounts differ by 9.5000" in page
    assert "core 100.0000, gateway 90.5000" in page


def test_legs_stand_side_by_side_and_the_differing_field_is_marked(
    admin: Client, disputed: str
) -> None:
    page = get(admin, page_of(ReconciliationResult, disputed))
    assert "<td>amount</td><td>100.0000</td><td>90.5000</td><td>-</td>" in page
    assert page.count('class="differs"') == 1


def test_history_and_events_lead_to_their_own_pages_and_back(admin: Client, disputed: str) -> None:
    page = get(admin, page_of(ReconciliationResult, disputed))
    back = page_of(ReconciliationResult, disputed)
    for model in (RawEvent, ResultRevision):
        for row in model.objects.all():
            assert f'"{page_of(model, row.pk)}"' in page
            assert f'"{back}"' in get(admin, page_of(model, row.pk))


def test_an_open_transaction_shows_what_it_waits_for(admin: Client, desk: Desk) -> None:
    desk.tell(told("CORE"))
    page = get(admin, page_of(OpenTransaction, "T1"))
    assert "No verdict has been given yet." in page
    assert f'"{page_of(RawEvent, RawEvent.objects.get().pk)}"' in page


def test_an_event_is_found_by_its_record_and_by_its_transaction(
    admin: Client, disputed: str
) -> None:
    event = RawEvent.objects.get(source="CORE")
    shown = {str(event): "1 shown: all", disputed: "2 shown: all", "x": "Nothing matches."}
    for query, sentence in shown.items():
        assert sentence in get(admin, f"{list_of(RawEvent)}?q={query}")


def test_an_event_of_a_transaction_without_a_verdict_leads_to_what_is_open(
    admin: Client, desk: Desk
) -> None:
    desk.tell(told("CORE"))
    verdict = page_of(ReconciliationResult, "T1")
    assert f'"{verdict}"' in get(admin, page_of(RawEvent, RawEvent.objects.get().pk))
    assert admin.get(verdict)["Location"] == page_of(OpenTransaction, "T1")


@pytest.mark.parametrize("key", ["99", "9" * 30, "\0", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("model", [RawEvent, ResultRevision, ReconciliationResult])
def test_what_is_not_there_leads_home(
    admin: Client, model: type[RawEvent | ResultRevision | ReconciliationResult], key: str
) -> None:
    answer = admin.get(page_of(model, key))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("admin:index")


def test_rules_are_shown_as_they_are(admin: Client, db: None) -> None:
    assert "match_window" in get(admin, page_of(RuleSetVersion, 1))
