from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingestion.topics import KafkaFailed, TopicContradicts, TopicKeeper


class Command(BaseCommand):
    help = (
        "Create the topics that the sources publish to, stamped by the broker (LogAppendTime). "
        "Topics that are there already are left as they are; one with another number of "
        "partitions, or stamped by its producers, is refused with a sentence and exit code 1. "
        "Running it again does no harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--partitions",
            type=int,
            default=6,
            help="of each topic (default 6). Work is spread over workers by partition: best is "
            "the same number for all three topics, and one that divides RECON_LANES.",
        )
        parser.add_argument(
            "--replication-factor",
            type=int,
            default=1,
            help="on how many brokers each new partition is kept (default 1; 3 is usual where "
            "there are three brokers). Topics that are there already are not looked at for it.",
        )

    def handle(self, *, partitions: int, replication_factor: int, **options: Any) -> None:
        contradictions = []
        try:
            keeper = TopicKeeper()
            for topic in settings.TOPICS.values():
                try:
                    created = keeper.ensure(
                        topic, partitions=partitions, replication_factor=replication_factor
                    )
                except TopicContradicts as contradiction:
                    contradictions.append(str(contradiction))
                else:
                    self.stdout.write(f"{topic}: {'created' if created else 'already there'}")
        except KafkaFailed as failure:
            raise CommandError(str(failure)) from failure
        if contradictions:
            raise CommandError("\n".join(contradictions))
