"""A worker that was frozen in the middle of a batch holds its locks for ever: end its session."""

from __future__ import annotations

import structlog
from django.db import connection, connections

log = structlog.get_logger(__name__)

APPLICATION_NAME = "reconsite worker"
LOCK_TIMEOUT = "3s"

# A worker that computes looks like one that is frozen: its session waits for
# it. But no batch takes it as long as this.
FROZEN_AFTER = "10s"

# Whoever holds a row's lock has its transaction's number in the row's xmax.
# A session that does something itself is left alone.
_END = """
    SELECT pg_stat_activity.pid, pg_terminate_backend(pg_stat_activity.pid)
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE pg_locks.locktype = 'transactionid' AND pg_locks.granted
    AND pg_locks.transactionid IN (SELECT xmax FROM lanes UNION SELECT xmax FROM kafka_offsets)
    AND application_name = %s AND wait_event_type = 'Client'
    AND state_change < clock_timestamp() - %s::interval
    AND pg_stat_activity.pid <> pg_backend_pid()
"""


def connect_as_worker() -> None:
    """Let this process's connections be known as a worker's, and wait for nothing for long."""
    connections.settings["default"]["OPTIONS"] |= {
        "application_name": APPLICATION_NAME,
        "options": f"-c lock_timeout={LOCK_TIMEOUT}",
        "connect_timeout": 10,
        # A host that has vanished without a word: milliseconds.
        "tcp_user_timeout": 30_000,
    }


def end_frozen_sessions() -> int:
    """End the sessions of workers that hold a lock and have not gone on for too long; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [APPLICATION_NAME, FROZEN_AFTER])
        pids = [pid for pid, _ in cursor.fetchall()]
    for pid in pids:
        log.warning("frozen_worker_ended", backend=pid)
    return len(pids)
