from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from reconsite.embedded.external import demand_answer
from reconsite.embedded.failure import Failure


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://user:p%40ss@127.0.0.1:{port}/name?sslmode=verify-full",
        "redis://:pass@127.0.0.1:{port}/0",
        "http://127.0.0.1:{port}/apis/ccompat/v7",
        "127.0.0.1:{port}",
    ],
)
def test_an_address_that_answers_is_accepted(listening: int, value: str) -> None:
    demand_answer("SETTING", value.format(port=listening), default_port=1)


def test_one_of_several_servers_is_enough(listening: int, silent: int) -> None:
    value = f"127.0.0.1:{silent},127.0.0.1:{listening}"
    demand_answer("KAFKA_BOOTSTRAP_SERVERS", value, default_port=1)


def test_an_address_without_a_port_has_the_default_one(listening: int) -> None:
    demand_answer("REDIS_URL", "redis://127.0.0.1/0", default_port=listening)


def test_a_server_that_is_down_is_named_with_its_setting(silent: int) -> None:
    with pytest.raises(Failure, match=rf"REDIS_URL .* 127\.0\.0\.1:{silent} .*unset REDIS_URL"):
        demand_answer("REDIS_URL", f"redis://127.0.0.1:{silent}", default_port=1)


def test_a_password_is_not_told(silent: int) -> None:
    with pytest.raises(Failure) as refused:
        demand_answer("REDIS_URL", f"redis://:hush@127.0.0.1:{silent}", default_port=1)
    assert "hush" not in str(refused.value)


def test_a_malformed_address_is_told_by_its_setting() -> None:
    with pytest.raises(Failure, match="KAFKA_BOOTSTRAP_SERVERS cannot be read"):
        demand_answer("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:port", default_port=1)
