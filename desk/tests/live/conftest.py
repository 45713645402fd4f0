"""A desk whose verdicts are committed, so that other threads and connections see them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from conftest import Desk, wait_until
from desk.feed import feed
from desk.tests.live.sockets import Socket, gone
from ingestion.tests.processes.databases import new_database
from ingestion.tests.processes.valkey import Valkey
from reconciliation.inflight import InFlightCache
from reconciliation.tests.strategies import told


@contextmanager
def in_database(name: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    """All threads use this database."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with blocker.unblock():
            yield
            connection.close()
    finally:
        connection.settings_dict["NAME"] = before


@pytest.fixture(scope="session")
def template(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a migrated database, to be copied."""
    with new_database(f"live_template_{uuid4().hex[:12]}") as name:
        with in_database(name, django_db_blocker):
            call_command("migrate", verbosity=0)
        yield name


@pytest.fixture
def committed(template: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of the test's own, where what is written stays."""
    name = f"live_{uuid4().hex[:12]}"
    with new_database(name, template=template), in_database(name, django_db_blocker):
        yield


Judging = Callable[..., Awaitable[None]]


@pytest.fixture
def judge(committed: None, cache: InFlightCache) -> Judging:
    """Transactions of these ids are told of, and judged: they match unless amounts are given."""
    desk = Desk(cache)

    @database_sync_to_async
    def judge(*transaction_ids: str, gateway: str = "100") -> None:
        legs = [told("CORE"), told("GATEWAY", amount=gateway), told("MOBILE")]
        desk.tell(*(leg._replace(transaction_id=each) for each in transaction_ids for leg in legs))

    return judge


@pytest.fixture
def valkey(tmp_path: Path, settings: Settings) -> Iterator[Valkey]:
    """The channel layer's Redis."""
    valkey = Valkey(tmp_path)
    valkey.start()
    wait_until(valkey.answers)
    layer = settings.CHANNEL_LAYERS["default"]
    host = {**layer["CONFIG"]["hosts"][0], "address": valkey.url}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": [host]}}}
    yield valkey
    valkey.client.close()
    valkey.kill()


@pytest.fixture
def sign_in(committed: None) -> Callable[..., Awaitable[str]]:
    """Signs somebody with these roles in; the session's key."""

    @database_sync_to_async
    def sign_in(*roles: str) -> str:
        user = User.objects.create_user("somebody")
        user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
        client = Client()
        client.force_login(user)
        key = client.session.session_key
        assert key is not None
        return key

    return sign_in


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Awaitable[Socket]]]:
    """Opens sockets; in the end they are closed, and the feed rests."""
    sockets: list[Socket] = []

    async def connect(session_key: str | None, **options: Any) -> Socket:
        sockets.append(Socket(session_key, **options))
        await sockets[-1].open()
        return sockets[-1]

    yield connect
    for socket in sockets:
        await socket.disconnect()
    await gone(lambda: feed.is_running)
