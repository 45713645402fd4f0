from __future__ import annotations

from pathlib import Path

import pytest

from reconsite.embedded.chromium import ensure_chromium
from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure
from reconsite.embedded.rundir import RunDir


def script(place: Path, text: str) -> None:
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(0o755)


@pytest.fixture
def run_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    """Beside which the only programs are those of the test, for root."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    (tmp_path / "run").mkdir()
    return RunDir(tmp_path / "run")


def test_one_that_is_there_is_left_alone(tmp_path: Path, run_dir: RunDir) -> None:
    script(tmp_path / "bin" / "chromium", "exit 1")
    ensure_chromium(run_dir, Console())
    assert not list(run_dir.path.iterdir())


def test_on_debian_root_installs_it(tmp_path: Path, run_dir: RunDir) -> None:
    script(tmp_path / "bin" / "apt-get", f"echo $1 >> {tmp_path}/asked")
    ensure_chromium(run_dir, Console())
    assert (tmp_path / "asked").read_text().split() == ["update", "install"]


def test_an_installation_that_failed_is_told(tmp_path: Path, run_dir: RunDir) -> None:
    script(tmp_path / "bin" / "apt-get", "echo no such mirror >&2; exit 100")
    with pytest.raises(Failure, match=r"(?s)need `chromium` on the PATH.*no such mirror"):
        ensure_chromium(run_dir, Console())


def test_whoever_is_not_root_is_told_what_is_missing(
    tmp_path: Path, run_dir: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "bin" / "apt-get", "exit 0")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(Failure, match="need `chromium` on the PATH") as missing:
        ensure_chromium(run_dir, Console())
    assert "\n" not in str(missing.value).strip()
