"""What Daphne does not do by itself for the WebSockets of an application.

It takes whatever is sent and keeps it in memory until the client has taken it,
however much that is (its issue 170). And it closes with no code below 3000 but
1000, not even with those that the protocol has for servers (1008 to 1013).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from daphne.ws_protocol import WebSocketProtocol


class Wire:
    """An ASGI application for WebSockets, around another.

    Its `send` waits while the client is slow, and closes with every code.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if isinstance(send, partial) and isinstance(send.args[0], WebSocketProtocol):
            send = _Valve(send, send.args[0])
        await self._application(scope, receive, send)


class _Valve:
    """Closed while Daphne's connection has more than its 64 kB to write.

    Twisted tells it, as a push producer.
    """

    def __init__(self, send: Any, protocol: WebSocketProtocol) -> None:
        self._send = send
        self._protocol = protocol
        self._open = asyncio.Event()
        self._open.set()
        # Until now it was the HTTP request's, which this connection was before.
        protocol.unregisterProducer()
        protocol.registerProducer(self, True)

    async def __call__(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "websocket.send":
            await self._open.wait()
        if kind == "websocket.close" and self._protocol.state == WebSocketProtocol.STATE_OPEN:
            self._protocol.sendCloseFrame(code=message["code"])
        else:
            await self._send(message)

    def pauseProducing(self) -> None:
        self._open.clear()

    def resumeProducing(self) -> None:
        self._open.set()

    def stopProducing(self) -> None:
        self._open.set()
