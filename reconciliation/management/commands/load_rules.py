from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)

from reconciliation.models import RuleSetVersion
from reconciliation.rule_files import RulesNeedCorrection, parse_rules
from reconciliation.rules import RULE_KEYS, normalised, rules_of_settings
from reconciliation.services import add_rule_set

EXAMPLE = """\
A file names what every transaction is judged by, and in what a channel differs:

  default:
    expected: [core, gateway, mobile]   # the sources that must tell
    match_window: 60                    # seconds that legs may take to arrive
    pending_window: 7200                # seconds that they may stay PENDING
    timestamp_tolerance: 5              # seconds
    amount_tolerance: 0                 # units of the currency
  channels:
    ATM:
      expected: [core, gateway]
    CARD:
      amount_tolerance: {default: 0, USD: 0.01}

Every key may be left out. The default then takes it from the settings
(RECON_MATCH_WINDOW and its neighbours), a channel from the default. The new
version judges the transactions first seen from now on; earlier ones keep
theirs. schemas/rules.example.yaml explains each key.

Exit code 1: the file has mistakes, each told as FILE:LINE, and nothing changed.
"""


class Command(BaseCommand):
    help = "Puts the rules of a YAML file in force, as the next version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = _KeepingLines
        parser.epilog = EXAMPLE
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="only look for mistakes; change nothing"
        )

    def handle(self, *, file: Path, check: bool, **options: object) -> None:
        document = self.read(file)
        if check:
            self.stdout.write(f"{file} has no mistakes")
            return
        before = RuleSetVersion.objects.latest("version")
        if normalised(before.rules) == document:
            self.stdout.write(f"{file} is in force already, as rule set version {before.version}")
            return
        added = add_rule_set(rules=document, note=file.name)
        self.stdout.write(f"rule set version {added.version} is in force")
        titles = ("", "", f"version {before.version}", f"version {added.version}")
        differences = _differences(normalised(before.rules), document)
        self.stdout.write(_table([titles, *differences]))

    def read(self, file: Path) -> dict[str, Any]:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} cannot be read: it is not UTF-8 text") from error
        try:
            return parse_rules(
                text,
                name=str(file),
                base=rules_of_settings(),
                feed_silence=settings.RECON_FEED_SILENCE,
            )
        except RulesNeedCorrection as refused:
            self.stderr.write(str(refused))
            raise CommandError(f"{file} was not loaded: correct these lines") from refused


class _KeepingLines(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's help, with the example's lines as they are."""


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str, str, str]]:
    """Rows of whose rule, which rule, what it was and what it is."""
    old = {"default": before["default"], **before["channels"]}
    new = {"default": after["default"], **after["channels"]}
    return [
        (name, key, _told(was), _told(is_now))
        for name in ["default", *sorted((old.keys() | new.keys()) - {"default"})]
        for key in RULE_KEYS
        if (was := old.get(name, {}).get(key)) != (is_now := new.get(name, {}).get(key))
    ]


def _told(value: object) -> str:
    match value:
        case None:
            return "as default"
        case list():
            return ", ".join(value)
        case dict():
            return ", ".join(f"{currency} {amount}" for currency, amount in value.items())
        case _:
            return str(value)


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
