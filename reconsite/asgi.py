"""What Daphne serves: Django over HTTP, and the live push over WebSocket."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reconsite.settings")
http = get_asgi_application()

from django.conf import settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from desk.connections import connect_as_web  # noqa: E402 - models need the lines above
from desk.live import LiveConsumer, NowhereConsumer  # noqa: E402
from desk.wire import Wire  # noqa: E402

connect_as_web()
live = LiveConsumer.as_asgi()  # type: ignore[no-untyped-call]
nowhere = NowhereConsumer.as_asgi()  # type: ignore[no-untyped-call]
application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": Wire(
            OriginValidator(
                AuthMiddlewareStack(URLRouter([path("ws/live/", live), re_path("", nowhere)])),
                [settings.PUBLIC_URL],
            )
        ),
    }
)
