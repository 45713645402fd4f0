"""What the product needs in the services: tables, topics, schemas, rules and accounts."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg

from reconsite.embedded.console import Console
from reconsite.embedded.failure import Failure
from reconsite.embedded.processes import run_to_end
from reconsite.embedded.rundir import RunDir

PROJECT = Path(__file__).parents[2]
MANAGE = PROJECT / "manage.py"
EXAMPLE_RULES = PROJECT / "schemas" / "rules.example.yaml"
ACCOUNTS = ("viewer", "analyst", "admin", "compliance")


def bring_in(settings: Mapping[str, str], *, run_dir: RunDir, console: Console) -> None:
    """Bring in tables, topics and schemas; each leaves what is there already.

    Side by side, for they do not need each other.
    """
    cancelled = threading.Event()
    contents = Contents(settings, run_dir=run_dir, console=console, cancelled=cancelled)
    steps = (contents.tables, contents.topics, contents.schemas)
    with ThreadPoolExecutor(len(steps)) as pool:
        try:
            for done in [pool.submit(step) for step in steps]:
                done.result()
        except BaseException:
            cancelled.set()
            raise


@dataclass(frozen=True, slots=True)
class Contents:
    """The steps that bring something in; each raises Failure, and CancelledError at the end."""

    settings: Mapping[str, str]
    run_dir: RunDir
    console: Console
    cancelled: threading.Event

    def tables(self) -> None:
        """Migrate, as the role that owns the tables."""
        as_owner = {"DATABASE_URL": self.settings["DATABASE_OWNER_URL"]}
        self._manage("Tables", "migrate", "--no-input", "--verbosity=0", settings=as_owner)

    def topics(self) -> None:
        self._manage("Topics", "create_topics")

    def schemas(self) -> None:
        self._manage("Schemas", "register_schemas")

    def rules(self) -> None:
        """Put the rules that fit the producers in force, unless somebody has loaded any."""
        with psycopg.connect(self.settings["DATABASE_URL"]) as connection:
            newest = connection.execute("SELECT max(version) FROM rule_sets").fetchone()
        if newest == (1,):
            self._manage("Rules", "load_rules", str(EXAMPLE_RULES))

    def accounts(self) -> None:
        lines = (f"{name} {self.password(name)}\n" for name in ACCOUNTS)
        self._manage("Accounts", "create_local_accounts", typed="".join(lines))

    def password(self, account: str) -> str:
        return self.run_dir.secret(f"{account}_password", characters=16)

    def _manage(
        self,
        name: str,
        command: str,
        *arguments: str,
        settings: Mapping[str, str] | None = None,
        typed: str = "",
    ) -> None:
        self.console.update(name, f"manage.py {command}")
        log = self.run_dir.log(command)
        code = run_to_end(
            [sys.executable, MANAGE, command, *arguments],
            log=log,
            environment={**os.environ, **self.settings, **(settings or {})},
            directory=PROJECT,
            typed=typed,
            cancelled=self.cancelled,
        )
        if code != 0:
            raise Failure(
                f"`manage.py {command}` failed; mend this and start again"
                f" (all of it is in {log}):\n{_sentence(log.read_text(errors='replace'))}"
            )
        self.console.end(name, "in place")


def _sentence(told: str) -> str:
    """What a command told, without the path that an exception took through the code."""
    lines = told.strip().splitlines()
    return lines[-1] if "Traceback (most recent call last):" in lines else "\n".join(lines)
