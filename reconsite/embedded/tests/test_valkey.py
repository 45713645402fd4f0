from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from reconsite.embedded.console import Console
from reconsite.embedded.downloads import Downloads
from reconsite.embedded.rundir import RunDir
from reconsite.embedded.valkey import Valkey


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(RunDir(tmp_path_factory.mktemp("run with spaces")), Console())
    start(server)
    yield server
    server.stop()


def start(server: Valkey) -> None:
    cancelled = threading.Event()
    downloads = Downloads(cache=server.run_dir.path, console=Console(), cancelled=cancelled)
    server.ensure_running(downloads, cancelled=cancelled)


def test_what_was_written_outlives_a_restart(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url()) as client:
        client.set("key", "value")
    valkey.stop()
    start(valkey)
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.get("key") == b"value"


def test_nobody_gets_in_without_the_password(valkey: Valkey) -> None:
    once = Retry(NoBackoff(), retries=0)
    refused = pytest.raises(redis.AuthenticationError)
    with redis.Redis(port=valkey.port, retry=once) as client, refused:
        client.ping()


def test_nothing_in_flight_is_evicted(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
