from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.utils import timezone

from desk import sessions
from desk.feed import feed
from desk.live import MOST_WAITING
from desk.roles import Role
from desk.tests.live.conftest import Judging
from desk.tests.live.sockets import Socket, gone
from ingestion.tests.processes.valkey import Valkey
from reconsite.asgi import application

Connect = Callable[..., Awaitable[Socket]]
SignIn = Callable[..., Awaitable[str]]


@pytest.mark.parametrize("role", Role)
async def test_every_role_hears_what_changes(
    sign_in: SignIn, connect: Connect, judge: Judging, role: Role
) -> None:
    socket = await connect(await sign_in(role))
    assert (await socket.hear())["type"] == "pulse"
    await judge("T1", gateway="90")
    changes = await socket.hear("changes")
    assert [row["discrepancies"] for row in changes["rows"]] == [["AMOUNT"]]


async def test_all_sockets_hear_the_same(sign_in: SignIn, connect: Connect, judge: Judging) -> None:
    key = await sign_in("viewer")
    sockets = [await connect(key) for _ in range(3)]
    for socket in sockets:
        await socket.hear("pulse")
    await judge("T1")
    first, *others = [await socket.hear("changes") for socket in sockets]
    assert others == [first, first]


@pytest.mark.parametrize("key", [None, "nonsense", "x" * 32])
async def test_whoever_is_not_signed_in_is_told_so(
    committed: None, connect: Connect, key: str | None
) -> None:
    assert await (await connect(key)).closed() == 4401


async def test_whoever_has_no_role_is_told_so(sign_in: SignIn, connect: Connect) -> None:
    assert await (await connect(await sign_in())).closed() == 4403


async def test_pages_of_other_origins_are_refused(sign_in: SignIn, connect: Connect) -> None:
    socket = await connect(await sign_in("viewer"), origin="https://elsewhere.example")
    assert not socket.is_open


async def test_there_is_nothing_at_other_addresses(sign_in: SignIn, connect: Connect) -> None:
    socket = await connect(await sign_in("viewer"), path="/ws/other")
    assert not socket.is_open


def _expire() -> None:
    Session.objects.update(expire_date=timezone.now())


def _delete() -> None:
    Session.objects.all().delete()


def _deactivate() -> None:
    User.objects.update(is_active=False)


def _take_role() -> None:
    Group.objects.all().delete()


def _set_password() -> None:
    user = User.objects.get()
    user.set_password("another")
    user.save()


@pytest.mark.parametrize("happening", [_expire, _delete, _deactivate, _take_role, _set_password])
async def test_a_socket_ends_with_its_session(
    sign_in: SignIn,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    happening: Callable[[], None],
) -> None:
    monkeypatch.setattr(sessions, "BETWEEN_CHECKS_SECONDS", 0.05)
    socket = await connect(await sign_in("viewer"))
    await socket.hear("pulse")
    await database_sync_to_async(happening)()
    assert await socket.closed() == 4401


async def test_a_socket_ends_when_its_session_expires(sign_in: SignIn, connect: Connect) -> None:
    key = await sign_in("viewer")
    soon = timezone.now() + timedelta(seconds=0.5)
    await Session.objects.filter(pk=key).aupdate(expire_date=soon)
    socket = await connect(key)
    assert await socket.closed() == 4401
    assert timezone.now() >= soon


async def test_a_good_session_is_left_alone(
    sign_in: SignIn, connect: Connect, judge: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BETWEEN_CHECKS_SECONDS", 0.01)
    socket = await connect(await sign_in("viewer"))
    for _ in range(2):
        await socket.hear("pulse")
    await judge("T1")
    await socket.hear("changes")


async def test_clients_say_nothing(sign_in: SignIn, connect: Connect) -> None:
    socket = await connect(await sign_in("viewer"))
    await socket.say('{"type": "hello"}')
    assert await socket.closed() == 1008


async def test_no_socket_depends_on_redis(
    sign_in: SignIn, connect: Connect, judge: Judging, valkey: Valkey
) -> None:
    socket = await connect(await sign_in("viewer"))
    await socket.hear("pulse")
    valkey.kill()
    await judge("T1")
    await socket.hear("changes")
    valkey.start()
    await gone(lambda: not valkey.answers())
    await judge("T2")
    await socket.hear("changes")


class Stuck:
    """A client that takes nothing once it is connected."""

    def __init__(self, key: str) -> None:
        self.codes: list[int] = []
        self.inputs: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.inputs.put_nowait({"type": "websocket.connect"})
        socket = Socket(key)
        scope = {**socket.scope}
        self.task = asyncio.create_task(application(scope, self.inputs.get, self._send))

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await asyncio.Event().wait()
        if message["type"] == "websocket.close":
            self.codes.append(message["code"])


async def test_a_client_that_takes_nothing_is_sent_away_and_holds_nobody_up(
    sign_in: SignIn, connect: Connect
) -> None:
    key = await sign_in("viewer")
    socket, stuck = await connect(key), Stuck(key)
    await socket.hear("pulse")
    await gone(lambda: len(feed._following) < 2)
    for _ in range(MOST_WAITING + 1):
        for subscriber in tuple(feed._following):
            subscriber.deliver('{"type": "pulse"}')
        await socket.hear()
    await gone(lambda: not stuck.codes)
    assert stuck.codes == [1013]
    stuck.inputs.put_nowait({"type": "websocket.disconnect", "code": 1013})
    await stuck.task


async def test_when_the_server_ends_it_says_that_it_restarts(
    sign_in: SignIn, valkey: Valkey
) -> None:
    client = Stuck(await sign_in("viewer"))
    await gone(lambda: not feed._following)
    client.task.cancel()
    await asyncio.wait([client.task])
    assert client.codes == [1012]
    await gone(lambda: feed.is_running)
