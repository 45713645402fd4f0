from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ingestion.schema_registry import (
    RegistryUnavailable,
    SubjectContradicts,
    connect,
    register_schema,
    subject_of,
)


class Command(BaseCommand):
    help = (
        "Register the event schema in the schema registry, under the subject of each source's "
        "topic (<topic>-value), with compatibility FULL_TRANSITIVE: old and new readers and "
        "writers all get on. A subject that holds it already is left as it is, also beside "
        "newer versions that go with it; one with a lower compatibility, or with a version "
        "that does not go with it, is refused with a sentence and exit code 1. Running it "
        "again does no harm."
    )

    def handle(self, **options: Any) -> None:
        contradictions = []
        try:
            with connect() as client:
                for topic in settings.TOPICS.values():
                    try:
                        created = register_schema(client, topic=topic)
                    except SubjectContradicts as contradiction:
                        contradictions.append(str(contradiction))
                    else:
                        state = "created" if created else "already there"
                        self.stdout.write(f"{subject_of(topic)}: {state}")
        except RegistryUnavailable as failure:
            raise CommandError(str(failure)) from failure
        if contradictions:
            raise CommandError("\n".join(contradictions))
