"""manage.py check_invariants: whether everything holds that must."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from ingestion.invariants import INVARIANTS, count_transactions, findings, judged_again


class Command(BaseCommand):
    help = """Check that what is stored holds together, in one snapshot, while workers go on.

Prints one line for each invariant and the rows that break it. Exit code 0
when all hold, 1 when one does not."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--full",
            action="store_true",
            help="judge every transaction again from its events, too: some tens of thousands "
            "a second",
        )

    def handle(self, *, full: bool, **options: Any) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            broken = [self._report(each.says, findings(each)) for each in INVARIANTS]
            if full:
                broken.append(
                    self._report(
                        "every transaction is stored as its events are judged",
                        self._judged_again(),
                    )
                )
        if any(broken):
            sys.exit(1)

    def _report(self, says: str, sentences: list[str]) -> bool:
        if not sentences:
            self.stdout.write(f"{self.style.SUCCESS('holds ')}  {says}")
            return False
        self.stdout.write(f"{self.style.ERROR('BROKEN')}  {says}")
        for sentence in sentences:
            self.stdout.write(f"        {sentence}")
        return True

    def _judged_again(self) -> list[str]:
        total = count_transactions()

        def show(judged: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\rjudged {judged:,} of {total:,} transactions", ending="")

        sentences = list(judged_again(settings.TOPICS, show))
        if self.stderr.isatty():
            self.stderr.write("")
        return sentences
