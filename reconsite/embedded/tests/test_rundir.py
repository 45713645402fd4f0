from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from reconsite.embedded.failure import Failure
from reconsite.embedded.rundir import RunDir, write_private


def test_a_port_stays_the_same_over_starts(tmp_path: Path) -> None:
    assert RunDir(tmp_path).port("kafka") == RunDir(tmp_path).port("kafka")


def test_a_preferred_port_is_taken_when_it_is_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        assert RunDir(tmp_path).port("taken", preferred=port) != port
    assert RunDir(tmp_path).port("web", preferred=port) == port


def test_a_kept_port_is_not_given_up_for_a_preferred_one(tmp_path: Path) -> None:
    kept = RunDir(tmp_path).port("web")
    assert RunDir(tmp_path).port("web", preferred=kept + 1) == kept


def test_two_services_have_two_ports(tmp_path: Path) -> None:
    assert RunDir(tmp_path).port("kafka") != RunDir(tmp_path).port("valkey")


def test_a_taken_port_is_named_with_its_service_and_a_way_out(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    taken = socket.create_server(("127.0.0.1", run_dir.port("kafka")))
    with taken, pytest.raises(Failure) as refused:
        run_dir.demand_free("kafka", service="Apache Kafka")
    assert f"Port {run_dir.port('kafka')}, kept for Apache Kafka, is taken" in str(refused.value)
    assert "end that program" in str(refused.value)


def test_a_free_port_is_no_obstacle(tmp_path: Path) -> None:
    RunDir(tmp_path).demand_free("kafka", service="Apache Kafka")


def test_deleting_its_line_gives_a_service_another_port(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    with socket.create_server(("127.0.0.1", run_dir.port("kafka"))):
        taken = run_dir.port("kafka")
        (tmp_path / "ports").write_text("")
        assert run_dir.port("kafka") != taken


def test_a_secret_stays_the_same_and_is_the_owners_alone(tmp_path: Path) -> None:
    secret = RunDir(tmp_path).secret("password")
    assert RunDir(tmp_path).secret("password") == secret
    assert len(secret) >= 50
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o600


def test_a_secret_that_people_type_is_as_short_as_asked(tmp_path: Path) -> None:
    assert len(RunDir(tmp_path).secret("viewer", characters=16)) == 16


def test_an_instance_has_one_run_at_a_time(tmp_path: Path) -> None:
    with RunDir(tmp_path).claimed(), pytest.raises(Failure, match="`make run` is under way on"):
        RunDir(tmp_path).claimed().__enter__()
    with RunDir(tmp_path).claimed():
        pass


def test_a_private_file_loses_the_rights_that_it_had(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o600)


def test_forgetting_leaves_another_instance_that_lives_inside(tmp_path: Path) -> None:
    outer, inner = RunDir(tmp_path), RunDir(tmp_path / "test")
    outer.port("kafka")
    outer.directory("kafka")
    inner.path.mkdir()
    inner.port("kafka")
    outer.forget()
    assert list(tmp_path.iterdir()) == [inner.path]
