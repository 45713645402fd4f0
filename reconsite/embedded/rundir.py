"""One instance of the services: its directory, and what it keeps between starts."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure

# Below the ports that the kernel lends to outgoing connections, so that a kept
# port is not lent to one while the services are down.
FIRST_PORT, LAST_PORT = 15_000, 31_999


class RunDir:
    """The directory with the data, logs, ports and passwords of one instance."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._ports = self.path / "ports"
        self._secrets = self.path / "secrets"
        self._choosing = threading.Lock()

    @contextmanager
    def held(self, console: Console) -> Iterator[None]:
        """Make the directory and hold it: commands on one instance take turns."""
        self.path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                console.say(f"Another command works on {self.path}: waiting for its end.")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def directory(self, name: str) -> Path:
        place = self.path / name
        place.mkdir(exist_ok=True)
        return place

    def log(self, key: str) -> Path:
        return self.directory("logs") / f"{key}.log"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Be the one run of this instance. Raises Failure when there is one already."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "running").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Failure(
                    f"`make run` is under way on {self.path}: end it first, with Ctrl-C where it"
                    " runs, or name another directory by RUN_DIR for a second instance."
                ) from error
            yield

    def port(self, name: str, *, preferred: int | None = None) -> int:
        """A port on loopback that was free when it was first asked for, the same ever after."""
        with self._choosing:
            kept = _read(self._ports)
            if name not in kept:
                free = preferred is not None and _is_free(preferred)
                taken = {int(port) for port in kept.values()}
                kept[name] = str(preferred if free else _free_port(taken))
                write_private(self._ports, _lines(kept))
        return int(kept[name])

    def secret(self, name: str, *, characters: int = 64) -> str:
        """A random word of letters, digits, `-` and `_`, the same ever after."""
        with self._choosing:
            kept = _read(self._secrets)
            if name not in kept:
                kept[name] = secrets.token_urlsafe(characters)[:characters]
                write_private(self._secrets, _lines(kept))
        return kept[name]

    def demand_free(self, name: str, *, service: str) -> None:
        """Raise Failure when somebody else listens on the port kept for `name`."""
        port = self.port(name)
        if not _is_free(port):
            raise Failure(
                f"Port {port}, kept for {service}, is taken by another program: end that program"
                f" (`lsof -i :{port}` names it), or delete the line {name}={port} from"
                f" {self._ports} and start again on another port."
            )

    def forget(self) -> None:
        """Remove all but another instance that lives inside."""
        for child in self.path.iterdir():
            if (child / "ports").is_file():
                continue
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child)
            else:
                child.unlink()


def write_private(path: Path, text: str) -> None:
    """Replace the file at once by one that only its owner can read."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def remove_tree(directory: Path) -> None:
    if directory.exists():
        shutil.rmtree(directory)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", maxsplit=1) for line in path.read_text().splitlines() if line)
    return dict(pairs)


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _free_port(taken: set[int]) -> int:
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT + 1)
        if port not in taken and _is_free(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
