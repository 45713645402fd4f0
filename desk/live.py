"""The live push: what has changed, over a WebSocket."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import WebsocketDenier
from django.utils import timezone

from desk.feed import feed
from desk.sessions import SESSION_OVER, guard, open_sessions

MOST_WAITING = 32
LAST_WORD_SECONDS = 0.1

NOT_ALLOWED = 4403
NOT_EXPECTED = 1008
RESTARTING = 1012
TOO_SLOW = 1013

# The feed listens for all sockets: none depends on Redis, nor does one of a wrong origin,
# which would otherwise hang about until its listening ends.
NO_LAYER = "none"
WebsocketDenier.channel_layer_alias = NO_LAYER


class NowhereConsumer(AsyncWebsocketConsumer):
    """Whatever else is asked for by WebSocket: refused before it is open."""

    # It has nothing to hear from others.
    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close()  # type: ignore[no-untyped-call]


class LiveConsumer(AsyncWebsocketConsumer):
    """One socket: the feed's messages, in order, until there is a reason to end.

    A client that cannot keep up is not waited for: it connects again and
    catches up over REST. Clients say nothing.
    """

    channel_layer_alias = NO_LAYER

    session_key: str
    _serving: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        try:
            await super().__call__(scope, receive, send)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            await send({"type": "websocket.close", "code": RESTARTING})
            # Daphne writes what it was given only as long as somebody still works.
            await asyncio.sleep(LAST_WORD_SECONDS)
            raise
        finally:
            if self._serving:
                self._serving.cancel()

    async def connect(self) -> None:
        # A code can be told only once the socket is open.
        await self.accept()  # type: ignore[no-untyped-call]
        if not self.scope["user"].is_authenticated:
            await self._close(SESSION_OVER)
            return
        self.session_key = self.scope["session"].session_key
        expiry = (await open_sessions([self.session_key])).get(self.session_key)
        if expiry is None:
            await self._close(NOT_ALLOWED)
            return
        self._serving = asyncio.create_task(self._serve((expiry - timezone.now()).total_seconds()))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.end(NOT_EXPECTED)

    def deliver(self, text: str) -> None:
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.end(TOO_SLOW)

    def end(self, code: int) -> None:
        """Close with this code, unless there is another reason already."""
        if not self._ended.done():
            self._ended.set_result(code)

    async def _serve(self, seconds: float) -> None:
        """Until it is ended, or the session expires in so many seconds."""
        timer = asyncio.get_running_loop().call_later(seconds, self.end, SESSION_OVER)
        sending = asyncio.create_task(self._send())
        feed.subscribe(self)
        guard.watch(self)
        try:
            code = await self._ended
        finally:
            feed.unsubscribe(self)
            guard.forget(self)
            sending.cancel()
            timer.cancel()
        await self._close(code)

    async def _send(self) -> None:
        while True:
            text = await self._waiting.get()
            await self.send(text_data=text)  # type: ignore[no-untyped-call]

    async def _close(self, code: int) -> None:
        await self.close(code)  # type: ignore[no-untyped-call]
