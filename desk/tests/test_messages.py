from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Desk
from desk import messages
from desk.messages import read_changes, read_pulse
from reconciliation.journal import Position, current_position
from reconciliation.tests.strategies import told

pytestmark = pytest.mark.django_db


def judge(desk: Desk, *transaction_ids: str, gateway: str = "100") -> None:
    """They match, unless the gateway tells another amount."""
    legs = [told("CORE"), told("GATEWAY", amount=gateway), told("MOBILE")]
    desk.tell(*(leg._replace(transaction_id=each) for each in transaction_ids for leg in legs))


def changes_after(position: Position) -> dict[str, Any]:
    changes = read_changes(position)
    assert changes is not None
    assert changes.position == current_position()
    message: dict[str, Any] = json.loads(changes.text)
    return message


def ids(message: dict[str, Any]) -> list[str]:
    return sorted(row["transaction_id"] for row in message["rows"])


def test_where_nothing_has_changed_nothing_is_told(desk: Desk) -> None:
    judge(desk, "T1")
    assert read_changes(current_position()) is None


def test_changes_lead_from_one_position_to_the_next(desk: Desk) -> None:
    before = current_position()
    judge(desk, "T1", "T2")
    message = changes_after(before)
    assert ids(message) == ["T1", "T2"]
    assert message == {
        "type": "changes",
        "after": str(before),
        "position": str(current_position()),
        "count": 2,
        "rows": message["rows"],
    }


def test_a_transaction_that_changed_twice_is_told_once_as_it_is_now(desk: Desk) -> None:
    before = current_position()
    judge(desk, "T1")
    desk.tell(told("MOBILE", status="REVERSED"))
    message = changes_after(before)
    assert message["count"] == 2
    assert [row["revision"] for row in message["rows"]] == [2]


def test_of_many_only_those_are_told_that_did_not_just_match(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_ROWS", 2)
    before = current_position()
    judge(desk, "T1", "T2")
    judge(desk, "T3", gateway="90")
    message = changes_after(before)
    assert (message["count"], ids(message)) == (3, ["T3"])


def test_of_too_many_the_number_is_told_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_ROWS", 2)
    before = current_position()
    judge(desk, "T1", "T2", "T3", gateway="90")
    message = changes_after(before)
    assert (message["count"], message["rows"]) == (3, None)


def test_after_a_drain_nothing_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_CHANGES", 2)
    monkeypatch.setattr(messages, "results_of", None)
    before = current_position()
    judge(desk, "T1", "T2", "T3")
    message = changes_after(before)
    assert (message["count"], message["rows"]) == (3, None)


def test_in_a_database_that_was_set_back_nobody_can_go_on(desk: Desk) -> None:
    judge(desk, "T1")
    lost = Position(n + 1 for n in current_position())
    message = changes_after(lost)
    assert message["after"] == message["position"] == str(current_position())
    assert message["rows"] is None


def test_a_pulse_has_the_figures_of_every_source_and_of_two_minutes(desk: Desk) -> None:
    judge(desk, "T1", gateway="90")
    pulse = json.loads(read_pulse(current_position()))
    first, second = pulse["minutes"]
    assert pulse["position"] == str(current_position())
    assert pulse["summary"]["amount_at_risk"] == [{"currency": "INR", "amount": "10.0000"}]
    assert [source["source"] for source in pulse["sources"]] == ["core", "gateway", "mobile"]
    assert second["minute"] == first["minute"] + 60
    assert "AMOUNT" in first["counts"] | second["counts"]
