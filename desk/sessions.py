"""Whether the people at the sockets are still signed in and may still read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

import structlog
from channels.db import database_sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session
from django.db import Error as DatabaseFault
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from desk.roles import Role

log = structlog.get_logger(__name__)

BETWEEN_CHECKS_SECONDS = 10.0
SESSION_OVER = 4401


class Guarded(Protocol):
    session_key: str

    def end(self, code: int) -> None:
        """Close with this code."""


class SessionGuard:
    """Ends the sockets whose session is over: one look for all of them, every ten seconds."""

    def __init__(self) -> None:
        self._sockets: set[Guarded] = set()
        self._task: asyncio.Task[None] | None = None

    def watch(self, socket: Guarded) -> None:
        self._sockets.add(socket)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def forget(self, socket: Guarded) -> None:
        self._sockets.discard(socket)

    async def _run(self) -> None:
        try:
            # A look at the database that is cancelled ends as if it were not: no `while True`.
            while self._sockets:
                await asyncio.sleep(BETWEEN_CHECKS_SECONDS)
                await self._check()
        finally:
            self._task = None

    async def _check(self) -> None:
        sockets = tuple(self._sockets)
        try:
            good = await open_sessions({socket.session_key for socket in sockets})
        except DatabaseFault as fault:
            # Whoever is there stays: they are told nothing meanwhile.
            log.warning("sessions_not_checked", fault=str(fault).strip())
            return
        for socket in sockets:
            if socket.session_key not in good:
                socket.end(SESSION_OVER)


guard = SessionGuard()


@database_sync_to_async
def open_sessions(keys: Collection[str]) -> dict[str, datetime]:
    """When those of these sessions end that are not over, of active users who have a role."""
    sessions = Session.objects.filter(pk__in=keys, expire_date__gt=timezone.now())
    signed_in: list[tuple[Session, dict[str, Any]]] = [
        (session, decoded)
        for session in sessions
        if SESSION_KEY in (decoded := session.get_decoded())
    ]
    ids = {decoded[SESSION_KEY] for _, decoded in signed_in}
    users = get_user_model().objects.filter(
        pk__in=ids, is_active=True, is_superuser=False, groups__name__in=Role.values
    )
    by_id = {str(user.pk): user for user in users.distinct()}
    return {
        session.pk: session.expire_date
        for session, decoded in signed_in
        if (user := by_id.get(decoded[SESSION_KEY]))
        # Another password ends all sessions.
        and constant_time_compare(decoded[HASH_SESSION_KEY], user.get_session_auth_hash())
    }
