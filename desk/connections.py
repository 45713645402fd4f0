"""How a web server is connected to PostgreSQL."""

from __future__ import annotations

from django.db import connections

STATEMENT_TIMEOUT = "10s"


def connect_as_web() -> None:
    """Let nobody who looks at a page wait for ever, nor hold a connection as long."""
    connections.settings["default"]["OPTIONS"] |= {
        "application_name": "reconsite web",
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT}",
        "connect_timeout": 5,
        # A host that has vanished without a word: milliseconds.
        "tcp_user_timeout": 10_000,
    }
