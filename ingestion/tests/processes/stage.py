"""A stage: programs of the product over services of which a part is this test's own."""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import redis
import yaml

from ingestion.tests.processes.databases import as_application, new_database
from ingestion.tests.processes.programs import REPOSITORY, Program
from ingestion.tests.processes.topics import Headers, Publisher, Topics, new_topics

MATCH_WINDOW = 2
PENDING_WINDOW = 3

LEFT_BEHIND_SECONDS = 120
MOMENT = datetime.now(UTC)

_redis_numbers = itertools.cycle(range(2, 16))


class Stage:
    """`environment` is what each program gets that is started from now on."""

    def __init__(
        self, *, topics: Topics, database: str, connection: psycopg.Connection, directory: Path
    ) -> None:
        self.topics = topics
        self.database = database
        self.publisher = Publisher(**{"linger.ms": 0})
        self.environment = _environment(topics, database)
        self._connection = connection
        self._directory = directory
        self._programs: list[Program] = []
        self._producers: list[Program] = []
        self._truth_files: list[Path] = []

    def start(self, *arguments: str, name: str) -> Program:
        log = self._directory / f"{len(self._programs):02}-{name}.log"
        program = Program(*arguments, environment=self.environment, log=log)
        self._programs.append(program)
        return program

    def start_command(self, *arguments: str) -> Program:
        """manage.py with these arguments."""
        return self.start("manage.py", *arguments, name=arguments[0])

    def start_worker(self, *options: str, name: str | None = None) -> Program:
        named = () if name is None else ("--name", name)
        arguments = ("manage.py", "consume_transactions", *named, *options)
        return self.start(*arguments, name=name or "worker")

    def start_producers(
        self, *, rate: int = 0, count: int | None = None, fault_rate: float = 0.1
    ) -> None:
        """One for each source, telling of the same transactions; without a count until stopped.

        A late source is later than the match window allows. Left behind, they end by themselves.
        """
        seed, start_at = random.getrandbits(31), datetime.now(UTC).isoformat()
        for source, topic in self.topics.names.items():
            truth = self._directory / f"{topic}-{len(self._programs)}.jsonl"
            options = {
                "--topic": topic,
                "--rate": rate,
                "--fault-rate": fault_rate,
                "--seed": seed,
                "--start-at": start_at,
                "--late-after": MATCH_WINDOW + 1,
                "--truth": truth,
                "--count": count or rate * LEFT_BEHIND_SECONDS,
            }
            arguments = [str(word) for option in options.items() for word in option]
            name = f"{source.lower()}_producer"
            self._producers.append(self.start(f"producers/{name}.py", *arguments, name=name))
            self._truth_files.append(truth)

    def stop_producers(self) -> None:
        """Each tells what is left of what it has begun."""
        for producer in self._producers:
            assert producer.terminate() == 0

    def tell(self, transaction_id: str, source: str, **changes: object) -> None:
        """Publish one event, as `fields` has it."""
        value = self.topics.encode(source, fields(transaction_id, source, **changes))
        self.publish(source, value, transaction_id.encode())

    def publish(
        self,
        source: str,
        value: bytes | None,
        key: bytes | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Publish one record to the source's topic, and wait until Kafka has it."""
        self.publisher.publish(self.topics.names[source], value, key, headers)
        self.publisher.flush()

    def rows(self, query: LiteralString, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, parameters).fetchall()

    def value(self, query: LiteralString, *parameters: Any) -> Any:
        """The one value that the query gives."""
        ((value,),) = self.rows(query, *parameters)
        return value

    def truth(self) -> dict[str, dict[str, Any]]:
        """What the producers say that they injected, by transaction."""
        texts = [file.read_text() for file in self._truth_files]
        lines = [json.loads(line) for text in texts for line in text.splitlines()]
        return {line["transaction_id"]: line for line in lines}

    def wait_until(self, condition: Callable[[], object], what: str, *, within: float = 40) -> None:
        """Fail when it does not come true in time, or when a program fails meanwhile."""
        deadline = time.monotonic() + within
        while not condition():
            failed = [program.log.name for program in self._programs if program.has_failed()]
            assert not failed, f"ended by themselves, with an error: {failed}"
            assert time.monotonic() < deadline, f"not within {within} seconds: {what}"
            time.sleep(0.05)

    def wait_until_said(self, program: Program, text: str, *, times: int = 1) -> None:
        self.wait_until(
            lambda: program.said(text, times=times), f"{program.log.name} says {text!r}"
        )

    def wait_until_assigned(self, *workers: Program) -> None:
        for worker in workers:
            self.wait_until_said(worker, "event=assigned")

    def is_read(self) -> bool:
        """Whether all that is in Kafka now is stored."""
        rows = self.rows("SELECT topic, partition, next_offset FROM kafka_offsets")
        stored = {(topic, partition): offset for topic, partition, offset in rows}
        return all(
            stored.get(partition, -1) >= end for partition, end in self.topics.ends().items()
        )

    def wait_until_at_rest(self) -> None:
        """The producers have ended, everything is read, and time alone changes no verdict."""
        for producer in self._producers:
            assert producer.exit_code() == 0
        self.wait_until(self.is_read, "everything is read")
        self.wait_until(self._nothing_is_open, "no transaction is open")

    def _nothing_is_open(self) -> bool:
        return not self.value("SELECT count(*) FROM open_transactions")

    def end(self) -> None:
        """End every program; what they said last is shown when the test has failed."""
        for program in self._programs:
            program.kill()
            sys.stdout.write(program.tail())


@contextmanager
def new_stage(*, template: str, partitions: Sequence[int], directory: Path) -> Iterator[Stage]:
    """A stage whose database is a copy of `template`; in the end nothing is left of it."""
    with (
        new_database(f"processes_{uuid4().hex[:12]}", template=template) as database,
        new_topics(partitions) as topics,
        psycopg.connect(as_application(database), autocommit=True) as connection,
    ):
        stage = Stage(topics=topics, database=database, connection=connection, directory=directory)
        with redis.Redis.from_url(stage.environment["REDIS_URL"]) as client:
            client.flushdb()
        try:
            yield stage
        finally:
            stage.end()


def fields(transaction_id: str, source: str, **changes: object) -> dict[str, object]:
    """The fields of an event: at one moment 100 rupees were moved by UPI, but for `changes`."""
    return {
        "event_id": str(uuid4()),
        "transaction_id": transaction_id,
        "source": source,
        "account_id": "AC1",
        "amount": Decimal(100),
        "currency": "INR",
        "status": "SUCCESS",
        "occurred_at": MOMENT,
        "channel": "UPI",
        "reference": None,
        **changes,
    }


def short_rules(directory: Path, **changes: object) -> Path:
    """A file with the example's rules, but with windows of seconds, and with these changes."""
    rules = yaml.safe_load((REPOSITORY / "schemas" / "rules.example.yaml").read_text())
    windows = {"match_window": MATCH_WINDOW, "pending_window": PENDING_WINDOW}
    rules["default"] |= {**windows, **changes}
    rules["channels"]["CARD"] = {}
    file = directory / "rules.yaml"
    file.write_text(yaml.safe_dump(rules))
    return file


def _environment(topics: Topics, database: str) -> dict[str, str]:
    shared = urlsplit(os.environ["REDIS_URL"])
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ingestion.tests.settings",
        "DATABASE_URL": as_application(database),
        "REDIS_URL": shared._replace(path=f"/{next(_redis_numbers)}").geturl(),
        "RECON_FEED_SILENCE": "0",
        "TEST_CONSUMER_GROUP": database,
        **{f"TEST_{source}_TOPIC": topic for source, topic in topics.names.items()},
    }
