"""manage.py consume_transactions: the worker."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from typing import Any

import structlog
from confluent_kafka import KafkaException
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from ingestion.batch import BatchStore
from ingestion.broker import Broker, TopicMissing
from ingestion.decoding import Decoder
from ingestion.frozen import connect_as_worker
from ingestion.kafka import client_config
from ingestion.locality import Locality
from ingestion.placement import OffsetGone
from ingestion.schema_registry import RegistryUnavailable, WriterSchemas, connect
from ingestion.sweep import Sweeper
from ingestion.tally import Tally, TooManyDeadLetters
from ingestion.worker import Worker
from reconciliation.inflight import InFlightCache
from reconciliation.lanes import count_lanes
from reconciliation.publisher import Publisher
from reconciliation.rule_book import RuleBook
from reconciliation.rules import rules_of_settings

log = structlog.get_logger(__name__)

STOPPING = (OffsetGone, TooManyDeadLetters, TopicMissing, RegistryUnavailable)


class Command(BaseCommand):
    help = """Read the three topics, store every record and judge every transaction.

Run as many side by side as you like: they share the partitions. SIGTERM or
Ctrl-C finishes the batch in hand and leaves. A fault of Kafka, the schema
registry or PostgreSQL makes the worker stand by and try again; it ends by
itself only when going on would be wrong, and says why."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--stop-at-end",
            action="store_true",
            help="read to the end that each partition had at the start, judge what can be "
            "judged by then, and exit",
        )
        parser.add_argument(
            "--name",
            help="a name of its own for this worker, the same at each start: then a restart "
            "within ten seconds gets its partitions back without the others noticing",
        )

    def handle(self, *, stop_at_end: bool, name: str | None, **options: Any) -> None:
        tune_interpreter()
        connect_as_worker()
        try:
            with Publisher() as publisher:
                self._work(make_worker(name=name, stop_at_end=stop_at_end, publish=publisher.wake))
        except STOPPING as reason:
            raise CommandError(str(reason)) from reason
        except KafkaException as error:
            raise CommandError(f"The Kafka client cannot go on: {error}") from error
        except ProgrammingError as error:
            raise CommandError(
                f"The database is not migrated, or this role may not use it: {error}"
            ) from error

    def _work(self, worker: Worker) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: worker.stop())
        log.info("started", topics=",".join(settings.TOPICS.values()))
        worker.run()
        log.info("stopped")


def make_worker(*, name: str | None, stop_at_end: bool, publish: Callable[[], None]) -> Worker:
    """A worker over the servers in the settings."""
    topics: dict[str, str] = settings.TOPICS
    sources = {topic: source for source, topic in topics.items()}
    broker = Broker(client_config(), sources)
    cache = InFlightCache(settings.REDIS_URL)
    rules = RuleBook()
    member = {"group.instance.id": name} if name else {}
    return Worker(
        {**client_config(), "group.id": settings.CONSUMER_GROUP, **member},
        broker=broker,
        decoder=Decoder(topics=sources, schemas=WriterSchemas(connect())),
        store=BatchStore(topics=topics, cache=cache, rules=rules),
        sweeper=Sweeper(topics=topics, cache=cache, rules=rules),
        locality=Locality(broker),
        tally=Tally(settings.RECON_MAX_DEAD_LETTERS_IN_ROW),
        at_start=tell_differences,
        publish=publish,
        stop_at_end=stop_at_end,
    )


def tell_differences() -> None:
    """Say where the environment and the database differ: then the database counts."""
    newest = RuleBook().current()[-1]
    if newest.default != rules_of_settings():
        log.warning("rules_differ_from_environment", in_force=f"rule set {newest.version}")
    if (lanes := count_lanes()) != settings.RECON_LANES:
        log.warning(
            "lanes_differ_from_environment", in_force=lanes, RECON_LANES=settings.RECON_LANES
        )


def tune_interpreter() -> None:
    """Worth a fifth of the speed: tens of thousands of short-lived tuples, and two busy threads."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    sys.setswitchinterval(0.0005)
