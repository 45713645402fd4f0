"""The page of one dead letter, and its replay from there and from the list."""

from __future__ import annotations

import re
import tracemalloc
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from conftest import Poller, unreadable
from ingestion.batch import BatchStore
from ingestion.decoding import Reason
from ingestion.models import DeadLetter
from ingestion.tests.avro_records import APPENDED_AT, framed, our_schema, write
from ingestion.tests.subjects import register
from reconciliation.models import RawEvent
from reconciliation.read_only_admin import list_of, page_of

LIST = "/admin/ingestion/deadletter/"


@pytest.fixture(autouse=True)
def own_cache(settings: Any, cache_url: str) -> None:
    settings.REDIS_URL = cache_url


@pytest.fixture
def readable(store: BatchStore, poller: Poller) -> DeadLetter:
    """One whose schema was registered after it was read."""
    schema_id = register(configured.TOPICS["CORE"], our_schema())
    return keep(store, poller, framed(write(), schema_id=schema_id))


@pytest.fixture
def hopeless(store: BatchStore, poller: Poller) -> DeadLetter:
    return keep(store, poller, b"<b>?</b>")


def keep(store: BatchStore, poller: Poller, value: bytes | None) -> DeadLetter:
    headers = [[b"trace", b"\x00abc"], [b"none", None]]
    letter = unreadable("CORE", value=value, headers=headers, kafka_timestamp=APPENDED_AT)
    store.store(poller.batch(letter._replace(reason=Reason.NOT_CONFLUENT_FRAMED)))
    return DeadLetter.objects.latest("id")


def replay_of(letter: DeadLetter) -> str:
    return reverse("admin:ingestion_deadletter_replay", args=[letter.pk])


def get(client: Client, letter: DeadLetter) -> str:
    return client.get(page_of(DeadLetter, letter.pk)).content.decode()


def said(answer: Any) -> list[str]:
    page = answer.content.decode()
    return re.findall(r'<li class="(?:success|warning|error)">([^<]*)</li>', page)


def test_its_bytes_are_shown_and_taken_apart(admin: Client, readable: DeadLetter) -> None:
    page = get(admin, readable)
    assert "00000000  00 00 00 00" in page
    assert "123.4567" in page
    assert "00 61 62 63" in page
    assert "<td>none</td><td>null</td>" in page


def test_no_byte_of_it_becomes_markup(admin: Client, hopeless: DeadLetter) -> None:
    page = get(admin, hopeless)
    assert "&lt;b&gt;?&lt;/b&gt;" in page
    assert "<b>?</b>" not in page


def test_without_the_registry_the_page_says_so(
    admin: Client, readable: DeadLetter, settings: Any
) -> None:
    settings.SCHEMA_REGISTRY_URL = "http://127.0.0.1:9"
    assert "The schema registry did not answer" in get(admin, readable)


def test_a_replayed_one_says_by_whom_and_leads_to_its_event(
    admin: Client, readable: DeadLetter
) -> None:
    answer = admin.post(replay_of(readable), follow=True)
    assert said(answer) == ["1 replayed."]
    page = answer.content.decode()
    assert f'by admin: <a href="{list_of(RawEvent)}?q={readable}">' in page
    assert 'class="replay"' not in page
    assert RawEvent.objects.filter(offset=readable.offset).count() == 1


def test_a_second_replay_is_told(admin: Client, readable: DeadLetter) -> None:
    admin.post(replay_of(readable))
    answer = admin.post(replay_of(readable), follow=True)
    assert "1 had been replayed already" in said(answer)
    assert RawEvent.objects.count() == 1


def test_what_is_still_unreadable_says_why(admin: Client, hopeless: DeadLetter) -> None:
    (sentence,) = said(admin.post(replay_of(hopeless), follow=True))
    assert sentence.startswith("1 still unreadable, not_confluent_framed: ")
    hopeless.refresh_from_db()
    assert hopeless.replayed_at is None


def test_a_registry_that_is_down_changes_nothing_and_is_said(
    admin: Client, readable: DeadLetter, settings: Any
) -> None:
    settings.SCHEMA_REGISTRY_URL = "http://127.0.0.1:9"
    (sentence,) = said(admin.post(replay_of(readable), follow=True))
    assert sentence.startswith("1 not replayed. The schema registry did not answer")
    assert not RawEvent.objects.exists()


def test_many_are_replayed_each_for_itself(
    admin: Client, readable: DeadLetter, hopeless: DeadLetter
) -> None:
    answer = replay_from_list(admin, readable, hopeless)
    done, refused = said(answer)
    assert done == "1 replayed."
    assert refused.startswith("1 still unreadable")
    assert list(DeadLetter.objects.filter(replayed_at=None)) == [hopeless]


def test_of_many_one_at_a_time_is_in_memory(
    admin: Client, hopeless: DeadLetter, store: BatchStore, poller: Poller
) -> None:
    others = [keep(store, poller, b"?" * 1_000_000) for _ in range(40)]
    tracemalloc.start()
    replay_from_list(admin, hopeless, *others)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def replay_from_list(client: Client, *letters: DeadLetter) -> Any:
    chosen = [str(letter.pk) for letter in letters]
    form = {"action": "replay_selected", "_selected_action": chosen}
    return client.post(LIST, form, follow=True)


def test_compliance_sees_but_replays_nothing(compliance: Client, readable: DeadLetter) -> None:
    page = get(compliance, readable)
    assert "123.4567" in page
    assert 'class="replay"' not in page
    assert compliance.post(replay_of(readable)).status_code == 403
    assert "replay_selected" not in compliance.get(LIST).content.decode()
    replay_from_list(compliance, readable)
    assert not RawEvent.objects.exists()


def test_a_look_replays_nothing(admin: Client, readable: DeadLetter) -> None:
    assert admin.get(replay_of(readable)).status_code == 405


def test_a_replay_needs_the_token_of_our_own_page(admin: Client, readable: DeadLetter) -> None:
    admin.handler.enforce_csrf_checks = True
    assert admin.post(replay_of(readable)).status_code == 403
    assert not RawEvent.objects.exists()


def test_one_that_is_not_there_leads_to_the_list(admin: Client, db: None) -> None:
    address = reverse("admin:ingestion_deadletter_replay", args=[99])
    assert admin.post(address)["Location"] == LIST


def test_a_list_leaves_the_bytes_where_they_are(
    admin: Client, hopeless: DeadLetter, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10) as queries:
        assert str(hopeless) in admin.get(LIST).content.decode()
    asked = [query["sql"] for query in queries if '"dead_letters"' in query["sql"]]
    assert asked
    assert not [sql for sql in asked if '"value"' in sql]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("core_txns/0/0", "1 shown: all"),
        ("core_txns/0/7", "Nothing matches."),
        ("x", "Nothing matches."),
    ],
)
def test_a_record_is_found_by_where_it_lay(
    admin: Client, hopeless: DeadLetter, query: str, shown: str
) -> None:
    assert shown in admin.get(LIST, {"q": query}).content.decode()
