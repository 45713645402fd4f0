from __future__ import annotations

import os
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from reconsite.environment import Environment, read_environment

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / ".env.example"
NEEDED = {
    "DJANGO_SECRET_KEY": "k" * 50,
    "PUBLIC_URL": "https://reconsite.bank.example",
    "DATABASE_URL": "postgresql://app:secret@db.bank.example/reconsite",
    "REDIS_URL": "rediss://:secret@redis.bank.example:6380/0",
    "CHANNELS_REDIS_URL": "rediss://:secret@redis.bank.example:6380/1",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka-1.bank.example:9093,kafka-2.bank.example:9093",
    "SCHEMA_REGISTRY_URL": "https://registry.bank.example/apis/ccompat/v7",
}


@pytest.fixture(autouse=True)
def only_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def refused() -> list[str]:
    """The sentences with which the program ends."""
    with pytest.raises(SystemExit) as ended:
        read_environment()
    return str(ended.value.code).splitlines()


def example() -> dict[str, str]:
    lines = shlex.split(EXAMPLE.read_text(), comments=True)
    return dict(line.split("=", maxsplit=1) for line in lines)


def test_what_is_needed_is_enough() -> None:
    environment = read_environment()
    assert environment.database_url == NEEDED["DATABASE_URL"]
    assert environment.kafka_security_protocol == "PLAINTEXT"
    assert (environment.recon_match_window, environment.recon_lanes) == (60, 12)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    assert refused() == [f"{name} is not set: .env.example says what it is for."]


def test_empty_is_the_same_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECON_LANES", "")
    assert read_environment().recon_lanes == 12
    monkeypatch.setenv("REDIS_URL", "")
    assert refused() == ["REDIS_URL is not set: .env.example says what it is for."]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DJANGO_SECRET_KEY", "short", "at least 50 characters"),
        ("DATABASE_URL", "mysql://db", "must begin with postgres:// or postgresql://"),
        ("PUBLIC_URL", "http://reconsite.bank.example", "http:// is for loopback only"),
        ("PUBLIC_URL", "reconsite.bank.example", "an address such as"),
        ("PUBLIC_URL", "https://bank.example/reconsite", "must end after the host"),
        ("PUBLIC_URL", "https://bank.example?", "must end after the host"),
        ("PUBLIC_URL", "https://:secret@bank.example", "must end after the host"),
        ("PUBLIC_URL", "https://*", "must name one host"),
        ("PUBLIC_URL", "https://.bank.example", "must name one host"),
        ("PUBLIC_URL", "https://bank.example:https", "could not be cast to integer"),
        ("PUBLIC_URL", "https://bank.example:70000", "out of range"),
        ("REDIS_URL", "127.0.0.1:6379", "must begin with redis:// or rediss://"),
        ("SCHEMA_REGISTRY_URL", "registry:8081", "must begin with http:// or https://"),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "PLAINTEXT|SSL"),
        ("RECON_MATCH_WINDOW", "0", "greater than 0"),
        ("RECON_PENDING_WINDOW", "two hours", "a valid integer"),
        ("RECON_AMOUNT_TOLERANCE", "-0.01", "greater than or equal to 0"),
        ("RECON_AMOUNT_TOLERANCE", "0.00001", "no more than 4 decimal places"),
        ("RECON_LANES", "1201", "less than or equal to 1200"),
        ("RECON_TIME_ZONE", "../etc/passwd", "not a time zone of the IANA database"),
        ("DATABASE_URL", "postgres://app@db", "must name a database"),
        ("DATABASE_URL", "postgres:///recon", "must name a host"),
        ("REDIS_URL", "redis://127.0.0.1:six", "could not be cast to integer"),
        ("RECON_TIME_ZONE", "Asia/Kolkatta", "not a time zone of the IANA database"),
    ],
)
def test_what_is_malformed_is_named_with_the_reason(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    (sentence,) = refused()
    assert sentence.startswith(f"{name} is malformed: ")
    assert reason in sentence
    assert sentence.endswith(". See .env.example.")


def test_the_public_address_is_told_as_browsers_tell_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "HTTPS://Reconsite.Bank.Example:8443/")
    assert read_environment().public_url == "https://reconsite.bank.example:8443"


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://bank.example:8443", "bank.example"), ("http://[::1]:8000", "[::1]")],
)
def test_the_public_address_is_the_one_host_that_is_answered(url: str, host: str) -> None:
    program = "from reconsite import settings; print(*settings.ALLOWED_HOSTS)"
    environment = {**os.environ, **NEEDED, "PUBLIC_URL": url}
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [host]


def test_no_secret_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://app:hunter2@db")
    assert "hunter2" not in "".join(refused())


def test_of_several_mistakes_each_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("RECON_LANES", "many")
    assert [line.split()[0] for line in refused()] == ["REDIS_URL", "RECON_LANES"]


def test_numbers_and_amounts_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECON_AMOUNT_TOLERANCE", "0.0100")
    monkeypatch.setenv("RECON_TIME_ZONE", "Asia/Kolkata")
    environment = read_environment()
    assert environment.recon_amount_tolerance == Decimal("0.01")
    assert environment.recon_time_zone == "Asia/Kolkata"


def test_the_example_names_every_setting() -> None:
    assert {name.upper() for name in Environment.model_fields} <= example().keys()


def test_the_example_holds_but_for_the_secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert refused() == ["DJANGO_SECRET_KEY is not set: .env.example says what it is for."]


def test_a_number_in_the_example_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {name: value for name, value in example().items() if name.startswith("RECON_")}
    default = Environment()
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert Environment() == default


def test_a_command_ends_with_the_sentences_alone() -> None:
    started = subprocess.run(
        [sys.executable, REPOSITORY / "manage.py", "check_invariants"],
        env={"PATH": os.environ["PATH"], **NEEDED, "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert started.stderr == "DATABASE_URL is not set: .env.example says what it is for.\n"
