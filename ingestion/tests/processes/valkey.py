"""A Valkey of a test's own, whose data can be lost, set back and gone."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import redis

from ingestion.tests.processes.gates import unused_port
from reconsite.embedded.wheels import valkey_server


class Valkey:
    """Keeps its data in a file in `directory`, which must be there."""

    def __init__(self, directory: Path) -> None:
        port = unused_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self.client = redis.Redis.from_url(self.url)
        self._command = (valkey_server(), "--port", str(port), "--dir", directory, "--save", "")
        self._log = directory / "valkey.log"

    def start(self) -> None:
        """With the data of the file, if there is one."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [*self._command, "--bind", "127.0.0.1"], stdout=output, stderr=subprocess.STDOUT
            )

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def keep_data(self) -> None:
        """Write the data of this moment to the file: the next start has it, and nothing later."""
        self.client.save()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)
