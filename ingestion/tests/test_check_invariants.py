from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.timezone import now

from ingestion.invariants import INVARIANTS
from ingestion.management.commands.check_invariants import Command
from ingestion.models import KafkaOffset
from reconciliation.models import OpenTransaction, RawEvent, Total

# The command begins a transaction with its own isolation, so the test must not be one.
# Only the tables of this app are emptied afterwards: the lanes and rule set 1 stay.
pytestmark = pytest.mark.django_db(transaction=True, available_apps=["ingestion"])

JUDGED_AGAIN = "every transaction is stored as its events are judged"


def check(*options: str) -> tuple[int, list[str]]:
    """The exit code, and the lines that were printed."""
    out, code = StringIO(), 0
    try:
        call_command(Command(), *options, stdout=out, no_color=True)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, out.getvalue().splitlines()


def read(partition: int, *, topic: str = "core_txns", records: int) -> None:
    """So many records of a partition were read, it says."""
    KafkaOffset.objects.create(
        topic=topic, partition=partition, first_offset=0, next_offset=records, records=records
    )


@pytest.fixture
def agreed() -> Iterator[None]:
    """A transaction whose three events agree, and which is stored as open all the same."""
    at = now()
    for source, topic in settings.TOPICS.items():
        read(0, topic=topic, records=1)
        RawEvent.objects.create(
            topic=topic,
            partition=0,
            offset=0,
            event_id=str(uuid4()),
            transaction_id="agreed",
            source=source,
            account_id="AC1",
            amount=100,
            currency="INR",
            status="SUCCESS",
            occurred_at=at,
            received_at=at,
        )
    OpenTransaction.objects.create(
        transaction_id="agreed", lane=0, first_seen_at=at, due_core=at + timedelta(minutes=1)
    )
    Total.objects.create(lane=0, status="in_flight", currency="", transactions=1, amount_at_risk=0)
    yield
    Total.objects.all().delete()
    OpenTransaction.objects.all().delete()
    RawEvent.objects.all().delete()


def test_when_all_holds_each_invariant_is_told_and_the_exit_code_is_0() -> None:
    code, lines = check()
    assert code == 0
    assert lines == [f"holds   {each.says}" for each in INVARIANTS]


def test_what_does_not_hold_is_told_with_its_rows_and_the_exit_code_is_1() -> None:
    read(3, records=5)
    code, lines = check()
    assert code == 1
    assert lines[:2] == [
        f"BROKEN  {INVARIANTS[0].says}",
        "        core_txns/3: 5 records were read, 0 events and 0 dead letters are stored",
    ]
    assert lines[2:] == [f"holds   {each.says}" for each in INVARIANTS[1:]]


def test_of_many_rows_the_first_are_told() -> None:
    for partition in range(25):
        read(partition, records=1)
    code, lines = check()
    assert code == 1
    assert lines[20].startswith("        core_txns/")
    assert lines[21:23] == ["        and 5 more", f"holds   {INVARIANTS[1].says}"]


def test_a_full_check_judges_again_too() -> None:
    code, lines = check("--full")
    assert code == 0
    assert lines[-1] == f"holds   {JUDGED_AGAIN}"


@pytest.mark.usefixtures("agreed")
def test_a_wrong_verdict_is_found_by_a_full_check_alone() -> None:
    assert check()[0] == 0
    code, lines = check("--full")
    assert code == 1
    assert lines[-2] == f"BROKEN  {JUDGED_AGAIN}"
    assert lines[-1].startswith("        agreed is stored as ('in_flight', (), 0), but judged as")
