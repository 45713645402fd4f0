"""Telling those who watch that the journal has moved.

What is sent over Redis is a hint, without rows and worth nothing by itself:
whoever gets it reads the journal, and whoever misses it does so a little later.
"""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

import structlog
from channels.layers import get_channel_layer

from reconciliation.inflight import REDIS_FAULTS

log = structlog.get_logger(__name__)

GROUP = "journal"
HINT = {"type": "journal.moved"}
# Twenty a second: a reader looks ten times a second at most.
INTERVAL_SECONDS = 0.05
TIMEOUT_SECONDS = 1.0
REST_AFTER_FAULT_SECONDS = 2.0


class Publisher:
    """Inside `with`, a thread of its own sends a hint after each `wake`, or one after many.

    Its one event loop keeps its connection: another for each hint costs ten times as much.
    """

    def __init__(self) -> None:
        self._moved = threading.Event()
        self._ended = threading.Event()
        self._failing = False
        # Whatever becomes of Redis, the program ends.
        self._thread = threading.Thread(target=self._publish, name="publisher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._moved.set()
        self._thread.join(2 * TIMEOUT_SECONDS)

    def wake(self) -> None:
        """To be called after a commit that may have moved the journal; costs and risks nothing."""
        self._moved.set()

    def _publish(self) -> None:
        with asyncio.Runner() as runner:
            while self._moved.wait() and not self._ended.is_set():
                self._moved.clear()
                self._ended.wait(self._send(runner))

    def _send(self, runner: asyncio.Runner) -> float:
        """Send one hint; for how many seconds to rest after it."""
        try:
            runner.run(_send_hint())
        except REDIS_FAULTS as fault:
            if not self._failing:
                log.warning("hints_not_sent", fault=str(fault) or type(fault).__name__)
            self._failing = True
            return REST_AFTER_FAULT_SECONDS
        if self._failing:
            log.info("hints_sent_again")
        self._failing = False
        return INTERVAL_SECONDS


async def _send_hint() -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await layer.group_send(GROUP, HINT)
