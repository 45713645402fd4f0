"""With the real npm, and a dashboard of one file that needs no packages."""

from __future__ import annotations

import json
import subprocess
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import wait_until
from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure
from reconsite.embedded.frontend import Frontend, with_node
from reconsite.embedded.rundir import RunDir

BUILD = "npm run copy && node -e 1"
COPY = "mkdir -p dist generated && cp page.html dist/index.html && date > generated/date"


def write_package(directory: Path, *, build: str = BUILD) -> None:
    package = {"name": "little", "version": "1.0.0"}
    (directory / "package.json").write_text(
        json.dumps({**package, "scripts": {"build": build, "copy": COPY}})
    )
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}
    (directory / "package-lock.json").write_text(json.dumps(lock))


@pytest.fixture
def frontend(tmp_path: Path) -> Frontend:
    directory, run_dir = tmp_path / "front end", RunDir(tmp_path / "run")
    directory.mkdir()
    run_dir.path.mkdir()
    (directory / "page.html").write_text("first")
    write_package(directory)
    return Frontend(directory, run_dir=run_dir, console=Console(), cancelled=threading.Event())


def page(frontend: Frontend) -> str:
    return (frontend.directory / "dist" / "index.html").read_text()


def test_what_did_not_change_is_not_built_again(
    frontend: Frontend, capsys: pytest.CaptureFixture[str]
) -> None:
    frontend.build()
    assert page(frontend) == "first"
    capsys.readouterr()
    frontend.build()
    assert capsys.readouterr().out == ""


def test_a_source_that_changed_is_built_again(frontend: Frontend) -> None:
    frontend.build()
    (frontend.directory / "page.html").write_text("other")
    frontend.build()
    assert page(frontend) == "other"


def test_a_build_that_was_removed_is_made_again(frontend: Frontend) -> None:
    frontend.build()
    (frontend.directory / "dist" / "index.html").unlink()
    frontend.build()
    assert page(frontend) == "first"


def test_packages_are_installed_again_when_what_is_pinned_changed(
    frontend: Frontend, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert frontend.npm("run", "copy") == 0
    assert capsys.readouterr().out.count("installing packages took") == 1
    write_package(frontend.directory, build="true")
    frontend.npm("run", "copy")
    assert "installing packages took" in capsys.readouterr().out


def test_a_build_that_failed_is_told_and_tried_again(frontend: Frontend) -> None:
    write_package(frontend.directory, build="echo no such module; exit 1")
    with pytest.raises(Failure, match=r"(?s)`npm run build` failed.*no such module"):
        frontend.build()
    write_package(frontend.directory)
    frontend.build()
    assert page(frontend) == "first"


def test_a_build_ends_when_all_is_cancelled(tmp_path: Path, frontend: Frontend) -> None:
    cancelled = threading.Event()
    write_package(frontend.directory, build="touch begun; exec sleep 60")
    stopping = Frontend(
        frontend.directory,
        run_dir=RunDir(tmp_path / "run"),
        console=Console(),
        cancelled=cancelled,
    )
    with ThreadPoolExecutor(1) as pool:
        build = pool.submit(stopping.build)
        wait_until((frontend.directory / "begun").exists)
        cancelled.set()
        with pytest.raises(CancelledError):
            build.result(timeout=20)


def test_npm_says_how_it_ended(frontend: Frontend) -> None:
    write_package(frontend.directory, build="exit 7")
    assert frontend.npm("run", "build") == 7


def test_a_lock_file_that_is_missing_is_named(frontend: Frontend) -> None:
    (frontend.directory / "package-lock.json").unlink()
    with pytest.raises(Failure, match=r"package-lock\.json is missing"):
        frontend.build()


def test_scripts_find_node_and_npm(tmp_path: Path) -> None:
    found = subprocess.run(
        ["sh", "-c", "node --version && npm --version"],
        env={**with_node(RunDir(tmp_path)), "NODE_OPTIONS": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith("v24.")
