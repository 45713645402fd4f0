"""The thread that owns the database connection: one job at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from django.db import InterfaceError, InternalError, OperationalError, connection
from psycopg.errors import LockNotAvailable

from ingestion.frozen import end_frozen_sessions

# The last is what a server says that has become read-only, as after a failover.
FAULTS = (OperationalError, InterfaceError, InternalError)
T = TypeVar("T")


class DatabaseUnavailable(Exception):
    """A job met a fault of the database; it may be tried again."""


class Writer:
    """`submit` a job; when it is `done`, `finish` it; after a fault, try it `again`."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._job: Callable[[], Any]
        self._then: Callable[[Any], None]
        self._future: Future[Any] | None = None

    @property
    def busy(self) -> bool:
        return self._future is not None

    def submit(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Run `job` on the writer's thread; `finish` gives what it returned to `then`."""
        self._job, self._then = job, then
        self.again()

    def again(self) -> None:
        self._future = self._thread.submit(_run, self._job)

    def done(self, seconds: float) -> bool:
        """Wait up to `seconds` for the job, if there is one; whether it has ended."""
        return self._future is None or bool(wait([self._future], seconds).done)

    def finish(self) -> None:
        """Take the result of the job that has ended; raises what it raised."""
        assert self._future is not None
        future, self._future = self._future, None
        self._then(future.result())

    def close(self) -> None:
        # Looked up there: each thread has a connection of its own.
        self._thread.submit(lambda: connection.close())
        self._thread.shutdown()


def _run(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except FAULTS as fault:
        if isinstance(fault.__cause__, LockNotAvailable):
            _end_frozen_sessions()
        connection.close()
        raise DatabaseUnavailable(str(fault).strip()) from fault


def _end_frozen_sessions() -> None:
    try:
        end_frozen_sessions()
    except FAULTS as fault:
        connection.close()
        raise DatabaseUnavailable(str(fault).strip()) from fault
