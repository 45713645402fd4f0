"""From Kafka to the socket, through every process between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.tests.processes.stage import Stage
from ingestion.tests.processes.valkey import Valkey
from ingestion.tests.processes.web import Browser, Web, WebSocket

pytestmark = pytest.mark.processes


@pytest.fixture
def valkey(stage: Stage, tmp_path: Path) -> Iterator[Valkey]:
    """The Redis of the channel layer."""
    directory = tmp_path / "valkey"
    directory.mkdir()
    valkey = Valkey(directory)
    stage.environment["CHANNELS_REDIS_URL"] = valkey.url
    valkey.start()
    try:
        stage.wait_until(valkey.answers, "Valkey answers")
        yield valkey
    finally:
        valkey.client.close()
        valkey.kill()


@pytest.fixture
def web(stage: Stage, valkey: Valkey) -> Web:
    return Web(stage)


@pytest.fixture
def viewer(web: Web) -> Browser:
    return Browser(web)


@pytest.fixture
def socket(viewer: Browser) -> Iterator[WebSocket]:
    socket = viewer.open_socket()
    yield socket
    socket.close()


def tell_mismatch(stage: Stage, transaction_id: str) -> None:
    stage.tell(transaction_id, "CORE")
    stage.tell(transaction_id, "GATEWAY", amount=Decimal(90))


def ids(changes: dict[str, Any]) -> list[str]:
    return [row["transaction_id"] for row in changes["rows"]]


def test_a_mismatch_reaches_the_socket_whatever_becomes_of_redis(
    stage: Stage, valkey: Valkey, socket: WebSocket
) -> None:
    worker = stage.start_worker()
    stage.wait_until_assigned(worker)
    tell_mismatch(stage, "T1")
    assert ids(socket.hear("changes")) == ["T1"]
    valkey.client.flushall()
    tell_mismatch(stage, "T2")
    assert ids(socket.hear("changes")) == ["T2"]
    valkey.kill()
    tell_mismatch(stage, "T3")
    assert ids(socket.hear("changes")) == ["T3"]
    valkey.start()
    stage.wait_until_said(worker, "event=hints_not_sent")
    tell_mismatch(stage, "T4")
    assert ids(socket.hear("changes")) == ["T4"]


def test_whoever_was_away_ends_with_the_same_rows(
    stage: Stage, viewer: Browser, socket: WebSocket
) -> None:
    stage.wait_until_assigned(stage.start_worker())
    away_at = socket.hear("pulse")["position"]
    stage.start_producers(rate=100, count=200)
    stage.wait_until_at_rest()
    end = viewer.get("summary")["position"]
    heard: dict[str, tuple[Any, ...]] = {}
    missed, at = False, away_at
    while at != end:
        changes = socket.hear("changes")
        assert changes["after"] == at
        at, missed = changes["position"], missed or changes["rows"] is None
        heard |= verdicts(changes["rows"] or ())
    caught_up = verdicts(viewer.changes_after(away_at))
    assert len(caught_up) == stage.value("SELECT count(*) FROM reconciliation_results")
    assert missed or caught_up.items() >= heard.items()
    assert missed or all(verdict[0] == 1 for key, verdict in caught_up.items() if key not in heard)


def verdicts(rows: Iterable[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """What the journal tells of each; of a leg that changes no verdict it tells nothing."""
    told = ("revision", "status", "discrepancies", "amount_at_risk")
    return {row["transaction_id"]: tuple(row[name] for name in told) for row in rows}


def test_a_server_that_ends_says_that_it_restarts(web: Web, socket: WebSocket) -> None:
    # Daphne ends badly when a connection is younger than a second.
    for _ in range(3):
        socket.hear("pulse")
    assert web.program.terminate() == 0
    assert socket.closed() == 1012
