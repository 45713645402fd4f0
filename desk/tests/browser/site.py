"""The product at an address: a web server and a worker on a stage, and an account of each role."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from desk.roles import Role
from ingestion.tests.processes.databases import as_owner
from ingestion.tests.processes.gates import unused_port
from ingestion.tests.processes.programs import REPOSITORY, Program
from ingestion.tests.processes.stage import Stage, new_stage

PARTITIONS = (1, 1, 1)
TAKE_ROLE = """
    DELETE FROM auth_user_groups USING auth_user
    WHERE auth_user.id = user_id AND username = %s
"""


class Site:
    """Its address stays the same when the web server is stopped and started again."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._port = unused_port()
        self.address = f"http://127.0.0.1:{self._port}"
        stage.environment["PUBLIC_URL"] = self.address
        stage.environment["CHANNELS_REDIS_URL"] = stage.environment["REDIS_URL"]
        self._web: Program | None = None

    def start(self) -> None:
        worker = self.stage.start_worker()
        self.start_web()
        self.stage.wait_until_assigned(worker)

    def start_web(self) -> None:
        where = ("-b", "127.0.0.1", "-p", str(self._port))
        server = ("-m", "daphne", *where, "reconsite.asgi:application")
        self._web = self.stage.start(*server, name="web")
        self.stage.wait_until(self._answers, "the web server answers")

    def stop_web(self) -> None:
        assert self._web is not None
        assert self._web.terminate() == 0

    def _answers(self) -> bool:
        try:
            urlopen(f"{self.address}/api/v1/config", timeout=10).close()
        except URLError:
            return False
        return True

    def tell_match(self, transaction_id: str) -> None:
        for source in ("CORE", "GATEWAY", "MOBILE"):
            self.stage.tell(transaction_id, source)

    def tell_mismatch(self, transaction_id: str, *, gateway: str = "90") -> None:
        """Core and mobile tell of 100 rupees."""
        self.stage.tell(transaction_id, "CORE")
        self.stage.tell(transaction_id, "GATEWAY", amount=Decimal(gateway))
        self.stage.tell(transaction_id, "MOBILE")

    def publish_junk(self) -> None:
        """A dead letter."""
        self.stage.publish("GATEWAY", b"junk", b"K1")

    def furnish(self) -> None:
        """A match, mismatches of several kinds, and a dead letter."""
        self.tell_match("T-MATCHED")
        self.tell_mismatch("T-AMOUNT")
        self.stage.tell("T-MISSING", "CORE")
        self.stage.tell("T-SEVERAL", "CORE")
        self.stage.tell("T-SEVERAL", "GATEWAY", currency="USD", account_id="AC2", status="FAILED")
        self.stage.tell("T-SEVERAL", "MOBILE")
        self.publish_junk()
        self.wait_until_decided("T-MATCHED", "T-AMOUNT", "T-MISSING", "T-SEVERAL")
        self.stage.wait_until(self.dead_letters, "the dead letter is stored")

    def dead_letters(self) -> list[str]:
        """Their ids."""
        return [str(key) for (key,) in self.stage.rows("SELECT id FROM dead_letters")]

    def wait_until_decided(self, *transaction_ids: str) -> None:
        query = "SELECT count(*) FROM reconciliation_results WHERE transaction_id = ANY(%s)"
        ids = list(transaction_ids)
        self.stage.wait_until(
            lambda: self.stage.value(query, ids) == len(ids), f"{ids} have a verdict"
        )

    def take_role(self, role: Role) -> None:
        """The account of this role has none from now on."""
        with psycopg.connect(as_owner(self.stage.database)) as owner:
            owner.execute(TAKE_ROLE, [role])

    def end_sessions(self) -> None:
        """Everybody is signed out, without a word."""
        self.stage.rows("DELETE FROM django_session RETURNING session_key")


@contextmanager
def new_site(template: str, directory: Path) -> Iterator[Site]:
    """A site that nobody else uses, with its worker at work; nothing is left of it in the end."""
    with new_stage(template=template, partitions=PARTITIONS, directory=directory) as stage:
        yield Site(stage)


def make_accounts(database: str, environment: dict[str, str]) -> None:
    """One for each role, whose name is its password too."""
    subprocess.run(
        [sys.executable, "manage.py", "create_local_accounts"],
        cwd=REPOSITORY,
        env={**environment, "DATABASE_URL": as_owner(database)},
        input="".join(f"{role} {role}\n" for role in Role),
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
