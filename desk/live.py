"""The live push: what has changed, over a WebSocket."""

from __future__ import annotations

from channels.generic.websocket import AsyncWebsocketConsumer


class LiveConsumer(AsyncWebsocketConsumer):
    pass
