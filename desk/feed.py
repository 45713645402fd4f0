"""What has changed, told to every socket of this process as soon as it can be read.

Only the journal says what has changed. A hint over Redis says that it is time
to look; without hints it is looked at a little later, and nothing is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import structlog
from channels.layers import get_channel_layer
from django.db import Error as DatabaseFault
from django.db import connection

from desk.messages import read_changes, read_pulse
from reconciliation.inflight import REDIS_FAULTS
from reconciliation.journal import Position, current_position
from reconciliation.publisher import GROUP

log = structlog.get_logger(__name__)

# Seconds.
BETWEEN_LOOKS_AT_LEAST = 0.1
BETWEEN_LOOKS_AT_MOST = 0.25
BETWEEN_PULSES = 1.0
BETWEEN_JOININGS = 10.0
REST_AFTER_FAULT = 1.0

SERVER_ERROR = 1011

T = TypeVar("T")


class Subscriber(Protocol):
    def deliver(self, text: str) -> None:
        """Take a message; without waiting."""

    def end(self, code: int) -> None:
        """Nothing will be delivered any more; `code` is WebSocket's for the reason."""


class Feed:
    """Reads the journal once for all subscribers; and nothing while there are none.

    Each of them first gets a pulse, and then all changes after its position.
    Faults of the database delay both, faults of Redis delay changes a little.
    Used by one event loop.
    """

    def __init__(self) -> None:
        self._new: set[Subscriber] = set()
        self._following: set[Subscriber] = set()
        self._task: asyncio.Task[None] | None = None
        self._hint: asyncio.Event
        self._position: Position | None
        self._pulse: str
        self._next_pulse: float
        self._failing = False

    @property
    def is_running(self) -> bool:
        return self._task is not None

    def subscribe(self, subscriber: Subscriber) -> None:
        self._new.add(subscriber)
        if self._task is None:
            self._hint = asyncio.Event()
            self._task = asyncio.create_task(self._run())
        self._hint.set()

    def unsubscribe(self, subscriber: Subscriber) -> None:
        self._new.discard(subscriber)
        self._following.discard(subscriber)
        if not self._is_wanted and self._task is not None:
            self._hint.set()

    @property
    def _is_wanted(self) -> bool:
        return bool(self._new or self._following)

    async def _run(self) -> None:
        try:
            # Somebody may come while the last serving is being ended.
            while self._is_wanted:
                await self._serve()
        finally:
            self._task = None
            for subscriber in self._new | self._following:
                subscriber.end(SERVER_ERROR)

    async def _serve(self) -> None:
        """Until nobody is subscribed."""
        self._position, self._pulse, self._next_pulse = None, "", 0.0
        listening = asyncio.create_task(_listen(self._hint))
        thread = ThreadPoolExecutor(1, thread_name_prefix="feed")
        try:
            while self._is_wanted:
                self._hint.clear()
                await asyncio.sleep(await self._step(thread))
                await _wait_for(self._hint, BETWEEN_LOOKS_AT_MOST - BETWEEN_LOOKS_AT_LEAST)
        finally:
            listening.cancel()
            # Looked up there: each thread has a connection of its own.
            await _read(thread, lambda: connection.close())
            thread.shutdown(wait=False)

    async def _step(self, thread: ThreadPoolExecutor) -> float:
        """Tell what there is to tell; for how many seconds to rest after it."""
        try:
            await self._tell_changes(thread)
            await self._tell_pulse(thread)
        except DatabaseFault as fault:
            if not self._failing:
                log.warning("feed_stands_still", fault=str(fault).strip())
            self._failing = True
            return REST_AFTER_FAULT
        if self._failing:
            log.info("feed_goes_on")
        self._failing = False
        return BETWEEN_LOOKS_AT_LEAST

    async def _tell_changes(self, thread: ThreadPoolExecutor) -> None:
        if self._position is None:
            self._position = await _read(thread, current_position)
            return
        if changes := await _read(thread, read_changes, self._position):
            self._position = changes.position
            for subscriber in tuple(self._following):
                subscriber.deliver(changes.text)
            # The last pulse is of an earlier position: newcomers need another.
            self._pulse = ""

    async def _tell_pulse(self, thread: ThreadPoolExecutor) -> None:
        now = asyncio.get_running_loop().time()
        is_due = now >= self._next_pulse
        if is_due or (self._new and not self._pulse):
            self._pulse = await _read(thread, read_pulse, self._position)
        if is_due:
            self._next_pulse = now + BETWEEN_PULSES
            for subscriber in tuple(self._following):
                subscriber.deliver(self._pulse)
        for subscriber in tuple(self._new):
            self._following.add(subscriber)
            self._new.discard(subscriber)
            subscriber.deliver(self._pulse)


feed = Feed()


async def _read(thread: ThreadPoolExecutor, job: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, _connected, job, *arguments)


def _connected(job: Callable[..., T], *arguments: Any) -> T:
    """Do this over the connection that stays open; over a new one after a fault."""
    try:
        return job(*arguments)
    except DatabaseFault:
        connection.close()
        raise


async def _listen(hint: asyncio.Event) -> None:
    """Set `hint` whenever one arrives."""
    layer = get_channel_layer()
    name = await layer.new_channel()
    is_failing = False
    while True:
        try:
            async with asyncio.timeout(REST_AFTER_FAULT):
                await layer.group_add(GROUP, name)
            if is_failing:
                log.info("hints_heard_again")
            is_failing = False
            await _hear(layer, name, hint)
        except REDIS_FAULTS as fault:
            if not is_failing:
                log.warning("hints_not_heard", fault=str(fault) or type(fault).__name__)
            is_failing = True
            await asyncio.sleep(REST_AFTER_FAULT)


async def _hear(layer: Any, name: str, hint: asyncio.Event) -> None:
    """For a while: a Redis that was flushed in the meantime knows of no group."""
    with suppress(TimeoutError):
        async with asyncio.timeout(BETWEEN_JOININGS):
            while True:
                await layer.receive(name)
                hint.set()


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
