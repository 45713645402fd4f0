"""WhiteNoise, without a thread of its own for each request."""

from __future__ import annotations

from asyncio import iscoroutine
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware
from whitenoise.middleware import WhiteNoiseMiddleware


@sync_and_async_middleware
def static_files(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Serve static files at once, and wait for all else as the server does.

    WhiteNoise's middleware waits in a thread for the event loop. A server that is
    told to end while it answers stops the loop, and then waits for the thread: for ever.
    """
    whitenoise = WhiteNoiseMiddleware(get_response)
    if not iscoroutinefunction(get_response):
        return whitenoise

    async def serve(request: HttpRequest) -> Any:
        answer = whitenoise(request)
        return await answer if iscoroutine(answer) else answer

    return serve
