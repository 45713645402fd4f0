"""Valkey from its wheel: in-flight legs and the live push."""

from __future__ import annotations

from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from reconsite.embedded.downloads import Downloads
from reconsite.embedded.rundir import write_private
from reconsite.embedded.service import Service
from reconsite.embedded.wheels import valkey_server


class Valkey(Service):
    key = "valkey"
    name = "Valkey"
    setting = "REDIS_URL"
    default_port = 6379

    def url(self, database: int = 0) -> str:
        password = self.run_dir.secret("valkey_password")
        return f"redis://:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self, downloads: Downloads) -> list[str | Path]:
        # By file, for a password on the command line can be read by everybody.
        configuration = self.run_dir.path / "valkey.conf"
        lines = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.run_dir.secret('valkey_password')}",
            f'dir "{self.run_dir.directory(self.key)}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
        )
        write_private(configuration, "\n".join(lines) + "\n")
        return [valkey_server(), configuration]

    def is_ready(self) -> bool:
        once = Retry(NoBackoff(), retries=0)
        with redis.Redis.from_url(self.url(), socket_timeout=1, retry=once) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.TimeoutError):  # also while it still loads
                return False
