from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from conftest import Desk
from desk.tests.test_access import problem
from reconciliation.journal import current_position
from reconciliation.tests.strategies import told

pytestmark = pytest.mark.django_db


def decide(desk: Desk, *names: str) -> None:
    for name in names:
        legs = [told("CORE"), told("GATEWAY", amount="90")]
        desk.tell(*(leg._replace(transaction_id=name) for leg in legs))


def changes(client: Client, after: object, limit: int = 200) -> Any:
    return client.get(f"/api/v1/changes?after={after}&limit={limit}").json()


def test_what_changed_after_a_position_is_told_as_it_is_now(viewer: Client, desk: Desk) -> None:
    decide(desk, "T0")
    position = viewer.get("/api/v1/summary").json()["position"]
    decide(desk, "T1", "T2")
    desk.tell(told("MOBILE"))
    told_now = changes(viewer, position)
    assert told_now["complete"] is True
    assert told_now["position"] == str(current_position())
    assert {row["transaction_id"] for row in told_now["rows"]} == {"T1", "T2"}
    assert changes(viewer, told_now["position"])["rows"] == []


def test_piece_by_piece_nothing_is_lost(viewer: Client, desk: Desk) -> None:
    wanted = {f"T{number}" for number in range(20)}
    position = str(current_position())
    decide(desk, *wanted)
    seen: set[str] = set()
    for _ in range(3):
        piece = changes(viewer, position, limit=7)
        seen |= {row["transaction_id"] for row in piece["rows"]}
        position = piece["position"]
    assert piece["complete"] is True
    assert seen == wanted


@pytest.mark.parametrize("after", ["x", "1", "0.0", "99" + ".0" * 11])
def test_a_position_that_is_not_of_this_journal_is_gone(viewer: Client, after: str) -> None:
    response = viewer.get(f"/api/v1/changes?after={after}")
    assert problem(response) == (410, "unknown-position")


def test_a_position_must_be_named(viewer: Client) -> None:
    response = viewer.get("/api/v1/changes")
    assert problem(response) == (400, "invalid-parameters")
    assert response.json()["errors"][0]["field"] == "after"
