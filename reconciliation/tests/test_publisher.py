from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from pytest_django import Settings

from conftest import wait_until
from ingestion.tests.processes.valkey import Valkey
from reconciliation import publisher
from reconciliation.publisher import GROUP, HINT, Publisher


@pytest.fixture
def valkey(tmp_path: Path, settings: Settings) -> Iterator[Valkey]:
    """The channel layer's Redis."""
    valkey = Valkey(tmp_path)
    valkey.start()
    wait_until(valkey.answers)
    layer = settings.CHANNEL_LAYERS["default"]
    host = {**layer["CONFIG"]["hosts"][0], "address": valkey.url}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": [host]}}}
    yield valkey
    valkey.client.close()
    valkey.kill()


class Listener:
    """A member of the group, in a loop of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._layer = get_channel_layer()
        self._name = self._runner.run(self._layer.new_channel())

    def join(self) -> None:
        self._runner.run(self._layer.group_add(GROUP, self._name))

    def hear(self) -> Any:
        return self._runner.run(asyncio.wait_for(self._layer.receive(self._name), 10))

    def close(self) -> None:
        self._runner.close()


@pytest.fixture
def listener(valkey: Valkey) -> Iterator[Listener]:
    listener = Listener()
    listener.join()
    yield listener
    listener.close()


def count_waiting(valkey: Valkey) -> int:
    """Hints that nobody has heard yet."""
    queues = (key for key in valkey.client.scan_iter() if b"specific" in key)
    return sum(valkey.client.zcard(queue) for queue in queues if b"inflight" not in queue)


def test_whoever_is_in_the_group_hears_that_the_journal_has_moved(listener: Listener) -> None:
    with Publisher() as publisher:
        publisher.wake()
        assert listener.hear() == HINT


def test_who_wakes_often_sends_little(
    valkey: Valkey, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "INTERVAL_SECONDS", 3600)
    with Publisher() as woken:
        for _ in range(100_000):
            woken.wake()
        assert listener.hear() == HINT
    assert count_waiting(valkey) == 0


def test_without_redis_it_says_so_once_and_goes_on_later(
    valkey: Valkey,
    listener: Listener,
    logged: Callable[[str], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "REST_AFTER_FAULT_SECONDS", 0.01)
    monkeypatch.setattr(publisher, "TIMEOUT_SECONDS", 0.2)
    valkey.kill()
    with Publisher() as woken:

        def wakes_until(event: str) -> bool:
            woken.wake()
            return bool(logged(event))

        wait_until(lambda: wakes_until("hints_not_sent"))
        valkey.start()
        wait_until(lambda: wakes_until("hints_sent_again"))
    assert len(logged("hints_not_sent")) == 1


def test_it_ends_although_redis_is_frozen(
    valkey: Valkey, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "TIMEOUT_SECONDS", 0.2)
    valkey.freeze()
    with Publisher() as woken:
        woken.wake()
    valkey.thaw()
    assert "publisher" not in {thread.name for thread in threading.enumerate()}
