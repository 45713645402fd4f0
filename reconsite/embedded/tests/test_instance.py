from __future__ import annotations

import stat
from pathlib import Path

import pytest

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure
from reconsite.embedded.instance import Instance
from reconsite.embedded.rundir import RunDir
from reconsite.embedded.settings import ORIGIN

ELSEWHERE = {
    "DATABASE_URL": "postgresql://app@127.0.0.1:1/bank",
    "REDIS_URL": "redis://127.0.0.1:2/0",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:3",
    "SCHEMA_REGISTRY_URL": "http://127.0.0.1:4/apis/ccompat/v7",
}


def instance(path: Path, **environment: str) -> Instance:
    return Instance(RunDir(path), environment=environment, console=Console())


def test_the_settings_lead_to_the_instances_own_services(tmp_path: Path) -> None:
    settings = instance(tmp_path).settings()
    port = RunDir(tmp_path).port
    assert settings["DATABASE_URL"].endswith(f"@127.0.0.1:{port('postgres')}/reconsite")
    assert settings["REDIS_URL"].endswith(f"@127.0.0.1:{port('valkey')}/0")
    assert settings["KAFKA_BOOTSTRAP_SERVERS"] == f"127.0.0.1:{port('kafka')}"
    assert settings["SCHEMA_REGISTRY_URL"].endswith(f":{port('registry')}/apis/ccompat/v7")


def test_what_the_environment_gives_is_kept(tmp_path: Path) -> None:
    given = {**ELSEWHERE, "RECON_LANES": "24", "OIDC_ISSUER": "https://sso.bank.example"}
    settings = instance(tmp_path, **given).settings()
    assert {name: settings[name] for name in given} == given


def test_an_empty_setting_is_the_same_as_none(tmp_path: Path) -> None:
    assert instance(tmp_path, RECON_LANES="").settings()["RECON_LANES"] == "12"


def test_somebody_elses_server_stands_in_where_only_one_address_is_given(tmp_path: Path) -> None:
    settings = instance(tmp_path, **ELSEWHERE).settings()
    assert settings["DATABASE_OWNER_URL"] == ELSEWHERE["DATABASE_URL"]
    assert settings["CHANNELS_REDIS_URL"] == ELSEWHERE["REDIS_URL"]


def test_a_shell_that_loaded_the_settings_changes_nothing(tmp_path: Path) -> None:
    settings = instance(tmp_path).settings()
    assert instance(tmp_path, **settings).settings() == settings


def test_a_shell_that_loaded_another_instance_does_not_lead_there(tmp_path: Path) -> None:
    run = instance(tmp_path, **ELSEWHERE)
    run.write_settings()
    loaded = {**run.settings(), ORIGIN: str(tmp_path)}
    (tmp_path / "test").mkdir()
    settings = instance(tmp_path / "test", **loaded).settings()
    assert not {*settings.values()} & {*ELSEWHERE.values()}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_server_of_the_environment_that_is_down_stops_the_start(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(Failure, match=f"{name} is set and names 127.0.0.1:[1-4] "):
        instance(tmp_path, **{name: ELSEWHERE[name]}).start()
    assert not list(tmp_path.glob("*.pid"))


def test_the_settings_file_is_the_owners_alone(tmp_path: Path) -> None:
    written = instance(tmp_path)
    written.write_settings()
    assert stat.S_IMODE(written.settings_file.stat().st_mode) == 0o600


def test_the_secret_key_stays_the_same_over_starts(tmp_path: Path) -> None:
    first, second = (instance(tmp_path).settings()["DJANGO_SECRET_KEY"] for _ in range(2))
    assert first == second
