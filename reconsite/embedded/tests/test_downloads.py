from __future__ import annotations

import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reconsite.embedded import maven
from reconsite.embedded.console import Console
from reconsite.embedded.downloads import Downloads, Pinned, cache_directory, pinned_for
from reconsite.embedded.failure import Failure

JAR = "org.example:tool:1.0"
JAR_CONTENT = b"a jar"
ARCHIVE = "org.example:app:2.0:all:tar.gz"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory of a repository that serves on loopback in place of the public one."""
    root = tmp_path / "repository"
    for directory in ("org/example/tool/1.0", "org/example/app/2.0"):
        (root / directory).mkdir(parents=True)
    (root / "org/example/tool/1.0/tool-1.0.jar").write_bytes(JAR_CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    monkeypatch.setattr(maven, "MAVEN_CENTRAL_URL", f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setattr(maven, "MAVEN_CENTRAL_URL", f"http://127.0.0.1:{port}")


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    return Downloads(cache=tmp_path / "cache", console=Console(), cancelled=threading.Event())


def pinned(content: bytes, coordinate: str = JAR) -> Pinned:
    return Pinned("tool", hashlib.sha256(content).hexdigest(), len(content), coordinate)


def test_a_download_ends_in_the_cache(repository: Path, downloads: Downloads) -> None:
    (file,) = downloads.files([pinned(JAR_CONTENT)], who="Tool")
    assert (file.name, file.read_bytes()) == ("tool-1.0.jar", JAR_CONTENT)


def test_what_is_cached_needs_no_network(repository: Path, downloads: Downloads) -> None:
    downloads.files([pinned(JAR_CONTENT)], who="Tool")
    (repository / "org/example/tool/1.0/tool-1.0.jar").unlink()
    (file,) = downloads.files([pinned(JAR_CONTENT)], who="Tool")
    assert file.read_bytes() == JAR_CONTENT


@pytest.mark.usefixtures("repository")
def test_a_wrong_checksum_is_told_and_nothing_is_kept(downloads: Downloads, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"org\.example:tool:1\.0 was cut short or altered"):
        downloads.files([pinned(b"another jar")], who="Tool")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("no_network")
def test_without_a_network_the_artifact_is_named(downloads: Downloads, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"tool:1\.0 could not be downloaded .* check the network"):
        downloads.files([pinned(JAR_CONTENT)], who="Tool")
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_archive_is_unpacked_once(repository: Path, downloads: Downloads) -> None:
    content = tar_of("app/run.txt", b"run")
    (repository / "org/example/app/2.0/app-2.0-all.tar.gz").write_bytes(content)
    first = downloads.unpacked(pinned(content, ARCHIVE), who="App")
    (repository / "org/example/app/2.0/app-2.0-all.tar.gz").unlink()
    assert downloads.unpacked(pinned(content, ARCHIVE), who="App") == first
    assert (first / "app/run.txt").read_bytes() == b"run"


@pytest.mark.usefixtures("repository")
def test_a_cancelled_download_ends_at_its_next_piece(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    downloads = Downloads(cache=tmp_path / "cache", console=Console(), cancelled=cancelled)
    with pytest.raises(Failure, match="cancelled"):
        downloads.files([pinned(JAR_CONTENT)], who="Tool")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    monkeypatch.delenv("RECONSITE_CACHE", raising=False)
    assert cache_directory() == Path("/caches/reconsite")
    monkeypatch.setenv("RECONSITE_CACHE", "/elsewhere")
    assert cache_directory() == Path("/elsewhere")


@pytest.mark.parametrize(("service", "count"), [("kafka", 45), ("registry", 1)])
def test_the_lock_pins_every_file_of_a_service(service: str, count: int) -> None:
    found = pinned_for(service)
    assert len({pinned.coordinate for pinned in found}) == count
    assert all(len(pinned.sha256) == 64 and pinned.size > 0 for pinned in found)


def tar_of(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
