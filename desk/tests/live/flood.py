"""An application that sends as much as it may, and says when it may not."""

from __future__ import annotations

import asyncio
from typing import Any

from desk.wire import Wire

MOST = 50


async def flood(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    try:
        for _ in range(MOST):
            async with asyncio.timeout(1):
                await send({"type": "websocket.send", "text": "x" * 1_000_000})
    except TimeoutError:
        print("it waits", flush=True)  # noqa: T201
    await send({"type": "websocket.close", "code": 1013})
    await asyncio.Event().wait()


application = Wire(flood)
