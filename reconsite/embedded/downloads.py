"""Pinned archives: fetched once, checked, and kept in a cache that all checkouts share.

A file is in the cache under its own checksum, and only once it was found
right: what is there needs no network and no second look.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconsite.embedded.console import Console, Progress
from reconsite.embedded.failure import Failure, failure_of_system

LOCK = Path(__file__).with_name("downloads.lock")
SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class Pinned:
    """One line of the lock: `coordinate` is group:artifact:version[:classifier:packaging]."""

    service: str
    sha256: str
    size: int
    coordinate: str


def pinned_for(service: str, *, lock: Path = LOCK) -> list[Pinned]:
    """What `service` needs, in the order of the lock."""
    rows = [line.split() for line in lock.read_text().splitlines() if not line.startswith("#")]
    return [
        Pinned(service, sha256, int(size), coordinate)
        for owner, sha256, size, coordinate in rows
        if owner == service
    ]


def cache_directory() -> Path:
    """RECONSITE_CACHE, else `reconsite` in the user's cache directory."""
    if chosen := os.environ.get("RECONSITE_CACHE"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "reconsite"


class Downloads:
    """The cache, and the way to fill it.

    `cancelled` ends a download at its next piece.
    """

    def __init__(self, *, cache: Path, console: Console, cancelled: threading.Event) -> None:
        self._cache = cache
        self._console = console
        self._cancelled = cancelled

    def files(self, wanted: list[Pinned], *, who: str) -> list[Path]:
        """Where the files are; those that are not in the cache yet are downloaded side by side."""
        lacking = [pinned for pinned in wanted if not self._place(pinned).exists()]
        if lacking:
            size = sum(pinned.size for pinned in lacking)
            progress = Progress(self._console, who=who, size=size)
            with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
                list(pool.map(lambda pinned: self._fetch(pinned, progress.advance), lacking))
            progress.finish()
        return [self._place(pinned) for pinned in wanted]

    def unpacked(self, wanted: Pinned, *, who: str) -> Path:
        """The directory with the content of a tar archive; the archive itself is not kept."""
        place = self._cache / "unpacked" / wanted.sha256
        if not place.exists():
            (archive,) = self.files([wanted], who=who)
            self._console.begin(who, "unpacking")
            with self._workspace() as workspace, tarfile.open(archive) as tar:
                # Early 3.11 cannot filter; the content is pinned in any case.
                tar.extraction_filter = getattr(tarfile, "data_filter", None)
                tar.extractall(workspace / "content")  # noqa: S202
                _put(workspace / "content", place)
            archive.unlink(missing_ok=True)
        return place

    def _place(self, pinned: Pinned) -> Path:
        return self._cache / "files" / pinned.sha256 / _file_name(pinned.coordinate)

    def _fetch(self, pinned: Pinned, advance: Callable[[int], None]) -> None:
        with self._workspace() as workspace:
            # Imported late: half a second that a start with a full cache does not spend.
            from reconsite.embedded.maven import download

            fetched = download(
                pinned.coordinate, directory=workspace, received=self._watched(advance)
            )
            with fetched.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
            if found != pinned.sha256:
                raise Failure(
                    f"{pinned.coordinate} was cut short or altered on its way (sha256 {found}, not"
                    f" {pinned.sha256} as in downloads.lock): it was thrown away; run this again."
                )
            place = self._place(pinned)
            place.parent.mkdir(parents=True, exist_ok=True)
            fetched.replace(place)

    def _watched(self, advance: Callable[[int], None]) -> Callable[[int], None]:
        def received(count: int) -> None:
            if self._cancelled.is_set():
                raise Failure("The download was cancelled.")
            advance(count)

        return received

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A directory on the cache's disk, gone afterwards: a rename out of it is atomic."""
        self._cache.mkdir(parents=True, exist_ok=True)
        workspace = Path(tempfile.mkdtemp(prefix="incomplete-", dir=self._cache))
        try:
            yield workspace
        except OSError as error:
            raise failure_of_system(error, place=self._cache) from error
        finally:
            shutil.rmtree(workspace)


def _put(made: Path, place: Path) -> None:
    """Rename a directory into place; where another checkout was faster, its copy stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(place)
    except OSError:
        if not place.exists():
            raise


def _file_name(coordinate: str) -> str:
    _, artifact, version, *rest = coordinate.split(":")
    classifier, packaging = rest or ("", "jar")
    return f"{artifact}-{version}{'-' if classifier else ''}{classifier}.{packaging}"
