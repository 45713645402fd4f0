from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from conftest import Desk, held_until_somebody_waits
from reconciliation.lanes import count_lanes, lane_of
from reconciliation.models import (
    Lane,
    OpenTransaction,
    ReconciliationResult,
    ResultRevision,
    RuleSetVersion,
)
from reconciliation.services import add_rule_set
from reconciliation.tests.strategies import SOURCES, told

pytestmark = pytest.mark.django_db

THREE = tuple(told(source) for source in SOURCES)
REVERSED = tuple(told(source, "REVERSED") for source in SOURCES)
WINDOW = timedelta(seconds=60)


def result(transaction_id: str = "T1") -> ReconciliationResult:
    return ReconciliationResult.objects.get(pk=transaction_id)


def journal(*fields: str) -> list[Any]:
    """These fields of each revision, oldest first."""
    rows = ResultRevision.objects.order_by("id")
    return list(rows.values_list(*fields, flat=len(fields) == 1))


def everything() -> list[list[tuple[Any, ...]]]:
    models = (ReconciliationResult, ResultRevision, OpenTransaction)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def all_overdue(at: datetime) -> dict[str, datetime]:
    return dict.fromkeys(SOURCES, at + WINDOW)


def test_three_that_agree_are_matched_at_once(desk: Desk) -> None:
    at = desk.tell(*THREE)
    row = result()
    assert (row.status, row.discrepancies, row.revision) == ("matched", [], 1)
    assert row.first_seen_at == row.decided_at == row.updated_at == at
    assert (row.mismatched_at, row.healed_at) == (None, None)
    assert not OpenTransaction.objects.exists()


def test_what_is_undecided_is_open_and_has_no_result(desk: Desk) -> None:
    at = desk.tell(told("CORE"))
    assert OpenTransaction.objects.get().due == at + WINDOW
    assert not ReconciliationResult.objects.exists()
    assert not ResultRevision.objects.exists()


def test_what_disagrees_is_mismatched_while_it_waits_for_the_third(desk: Desk) -> None:
    desk.tell(told("CORE"), told("GATEWAY", amount="90"))
    assert (result().status, result().discrepancies) == ("mismatched", ["AMOUNT"])
    assert OpenTransaction.objects.get().due_mobile is not None


def test_a_missing_leg_is_declared_when_its_source_is_overdue(desk: Desk) -> None:
    at = desk.tell(told("CORE"), told("GATEWAY"))
    desk.sweep("T1", read_until={"MOBILE": at + WINDOW - timedelta(microseconds=1)})
    assert not ReconciliationResult.objects.exists()
    desk.sweep("T1", read_until={"MOBILE": at + WINDOW})
    assert result().discrepancies == ["MISSING_MOBILE"]
    assert not OpenTransaction.objects.exists()


def test_a_mismatch_heals_when_the_late_leg_comes(desk: Desk) -> None:
    first = desk.tell(told("CORE"), told("GATEWAY"))
    found = desk.sweep("T1", read_until=all_overdue(first))
    healed = desk.tell(told("MOBILE"), read_until=all_overdue(first))
    row = result()
    assert (row.status, row.revision) == ("matched", 2)
    assert (row.decided_at, row.mismatched_at, row.healed_at) == (found, found, healed)


def test_it_heals_also_when_it_was_in_flight_meanwhile(desk: Desk) -> None:
    desk.tell(told("CORE", "FAILED"), told("GATEWAY"))
    desk.tell(told("CORE", occurred=1))
    assert (result().status, result().healed_at) == ("in_flight", None)
    healed = desk.tell(told("MOBILE"))
    assert (result().status, result().healed_at) == ("matched", healed)
    assert journal("status") == ["mismatched", "in_flight", "matched"]


def test_what_was_never_mismatched_has_not_healed(desk: Desk) -> None:
    desk.tell(*THREE)
    desk.tell(REVERSED[0])
    desk.tell(*REVERSED[1:])
    assert journal("status") == ["matched", "in_flight", "matched"]
    assert (result().mismatched_at, result().healed_at) == (None, None)


def test_what_was_matched_is_opened_again_by_a_later_event(desk: Desk) -> None:
    decided = desk.tell(*THREE)
    opened = desk.tell(REVERSED[0])
    row = result()
    assert (row.status, row.discrepancies) == ("in_flight", [])
    assert row.amount_at_risk == 0
    assert (row.decided_at, row.updated_at) == (decided, opened)
    assert OpenTransaction.objects.get().due_gateway == opened + WINDOW


def test_it_can_heal_a_second_time(desk: Desk) -> None:
    desk.tell(*THREE[:2], told("MOBILE", "FAILED"))
    first = desk.tell(told("MOBILE", occurred=1))
    assert result().healed_at == first
    opened = desk.tell(REVERSED[0])
    mismatched = desk.sweep("T1", read_until=all_overdue(opened))
    assert (result().mismatched_at, result().healed_at) == (mismatched, first)
    second = desk.tell(*REVERSED[1:])
    assert (result().healed_at, result().decided_at < first) == (second, True)


def test_another_amount_at_risk_is_a_revision(desk: Desk) -> None:
    desk.tell(told("CORE"), told("GATEWAY", amount="90"))
    desk.tell(told("MOBILE", amount="70"))
    assert journal("revision", "discrepancies", "amount_at_risk") == [
        (1, ["AMOUNT"], Decimal(10)),
        (2, ["AMOUNT"], Decimal(30)),
    ]


def test_the_same_amount_in_another_currency_is_another_amount_at_risk(desk: Desk) -> None:
    desk.tell(told("GATEWAY", currency="USD"), told("MOBILE"))
    assert result().currency == "USD"
    desk.tell(told("CORE"))
    assert (result().currency, result().revision) == ("INR", 2)
    assert journal("revision", "discrepancies", "amount_at_risk") == [
        (1, ["CURRENCY"], Decimal(100)),
        (2, ["CURRENCY"], Decimal(100)),
    ]


def test_another_discrepancy_is_a_revision(desk: Desk) -> None:
    desk.tell(told("CORE"), told("GATEWAY", account="B"))
    mismatched = result().mismatched_at
    desk.tell(told("MOBILE", occurred=6))
    assert journal("revision", "discrepancies") == [
        (1, ["ACCOUNT"]),
        (2, ["ACCOUNT", "TIMESTAMP"]),
    ]
    assert result().mismatched_at == mismatched


def test_what_changes_only_the_legs_is_shown_but_is_no_revision(desk: Desk) -> None:
    desk.tell(*THREE)
    shown = desk.tell(told("CORE", reference="R1"))
    assert result().legs["core"]["reference"] == "R1"
    assert (result().revision, result().updated_at) == (1, shown)
    assert journal("revision") == [1]


@pytest.mark.parametrize("before", [THREE, THREE[:2], (THREE[0], told("GATEWAY", amount="90"))])
def test_a_redelivery_changes_nothing(desk: Desk, before: tuple[Any, ...]) -> None:
    desk.tell(*before)
    stored = everything()
    counted = sorted(Lane.objects.values_list("lane", "n"))
    desk.tell(*before)
    desk.tell(before[0], before[0])
    assert everything() == stored
    assert sorted(Lane.objects.values_list("lane", "n")) == counted


def test_the_cause_is_the_last_record_that_came_or_the_sweep(desk: Desk) -> None:
    at = desk.tell(told("CORE"), told("GATEWAY"))
    desk.sweep("T1", read_until=all_overdue(at))
    desk.tell(told("GATEWAY"), told("MOBILE"))
    assert journal("cause") == ["sweep", "mobile_txns/0/3"]


def test_the_journal_of_a_lane_has_no_gaps(desk: Desk) -> None:
    names = (f"T{number}" for number in range(500))
    ids = [each for each in names if lane_of(each, count_lanes()) == 5][:6]
    for few in (ids[:3], ids[3:]):
        desk.tell(*(event._replace(transaction_id=each) for each in few for event in THREE))
    assert journal("lane", "n") == [(5, n) for n in range(1, 7)]
    assert sorted(journal("transaction_id")) == sorted(ids)
    assert Lane.objects.get(lane=5).n == 6


def add_rules(**changes: object) -> RuleSetVersion:
    newest = RuleSetVersion.objects.latest("version")
    rules = {**newest.rules, "default": newest.rules["default"] | changes}
    return add_rule_set(rules=rules, note="tried")


def test_the_rules_of_the_first_sight_judge_for_good(desk: Desk) -> None:
    desk.tell(told("CORE"))
    add_rules(amount_tolerance="10")
    for transaction_id in ("T1", "T2"):
        rest = (*THREE[:2], told("MOBILE", amount="90"))
        desk.tell(*(event._replace(transaction_id=transaction_id) for event in rest))
    assert (result("T1").discrepancies, result("T1").rule_set) == (["AMOUNT"], 1)
    assert (result("T2").discrepancies, result("T2").rule_set) == ([], 2)
    assert journal("transaction_id", "rule_set") == [("T1", 1), ("T2", 2)]


def test_new_rules_are_the_next_version_in_force_from_now(desk: Desk) -> None:
    before = desk.tell(told("CORE"))
    added = add_rules(match_window=10)
    stored = RuleSetVersion.objects.latest("version")
    assert (stored.version, stored.note, stored.in_force_from) == (2, "tried", added.in_force_from)
    assert stored.rules["default"]["match_window"] == 10
    after = desk.tell(told("GATEWAY"))
    assert before < added.in_force_from < after


@pytest.mark.parametrize("lane", [0, 11])
def test_new_rules_wait_for_every_batch_that_is_being_stored(
    other_session: psycopg.Connection, lane: int
) -> None:
    other_session.execute("SELECT FROM lanes WHERE lane = %s FOR UPDATE", [lane])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
    with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        add_rules()
    assert RuleSetVersion.objects.count() == 1
    other_session.rollback()
    assert add_rules().version == 2


def test_new_rules_are_in_force_from_after_the_wait(other_session: psycopg.Connection) -> None:
    with held_until_somebody_waits(other_session, 7) as released:
        added = add_rules()
    assert added.in_force_from > released[0]
