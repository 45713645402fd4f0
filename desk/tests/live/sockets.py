"""A browser's WebSocket, and what it hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from channels.testing import WebsocketCommunicator
from django.conf import settings

from reconsite.asgi import application

WITHIN = 10


class Socket:
    def __init__(
        self, session_key: str | None, *, origin: str | None = None, path: str = "/ws/live/"
    ) -> None:
        headers = [(b"origin", (origin or settings.PUBLIC_URL).encode())]
        if session_key is not None:
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session_key}".encode()))
        self._communicator = WebsocketCommunicator(application, path, headers=headers)
        self.is_open = False

    @property
    def scope(self) -> dict[str, Any]:
        scope: dict[str, Any] = self._communicator.scope
        return scope

    async def open(self) -> None:
        self.is_open, _ = await self._communicator.connect(timeout=WITHIN)

    async def hear(self, kind: str | None = None) -> dict[str, Any]:
        """The next message, or the next of this type."""
        while True:
            message: dict[str, Any] = json.loads(await self._communicator.receive_from(WITHIN))
            if kind in (None, message["type"]):
                return message

    async def closed(self) -> int:
        """The code with which the server closes, whatever it says before."""
        while True:
            output = await self._communicator.receive_output(WITHIN)
            if output["type"] == "websocket.close":
                code: int = output["code"]
                return code

    async def say(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def disconnect(self) -> None:
        await self._communicator.disconnect(timeout=WITHIN)


async def gone(condition: Callable[[], object]) -> None:
    """Wait until it is no longer so."""
    async with asyncio.timeout(WITHIN):
        while condition():
            await asyncio.sleep(0.005)
