"""The producers' command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import NoReturn

TOPICS = {"CORE": "core_txns", "GATEWAY": "gateway_txns", "MOBILE": "mobile_txns"}

UNPACED_RATE = 1000.0
"""Transactions per second of business time where nobody waits (--rate 0)."""

EARLIEST = datetime(2000, 1, 2, tzinfo=UTC)
"""Events before 2000 are unreadable; a slow clock is minutes behind."""

HORIZON = timedelta(hours=23)
"""Events of more than a day ahead are unreadable, too."""

DESCRIPTION = """\
Publishes what {system} says about made-up transactions to Kafka, as fast as asked.

The three producers need not know each other: with the same --seed, --rate,
--fault-rate and --start-at they speak of the same transactions, on any machines.
Each commits its own share of the faults, and --truth tells which.

Published are UPI and CARD transactions (told by all three sources), ATM (by core
and gateway) and BRANCH (by core alone). Give the rules the same expectations by
channel; then no transaction without a fault is mismatched."""

EPILOGUE = """\
A seed is for one run: the ids of its transactions come back when it is used again,
and what is said again with another --start-at counts as a duplicate.

Settings come from the environment: KAFKA_BOOTSTRAP_SERVERS, KAFKA_SECURITY_PROTOCOL,
KAFKA_SSL_CA, KAFKA_SSL_CERT, KAFKA_SSL_KEY, SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_CA.

Ctrl-C begins no more transactions, publishes the rest of those begun, and ends;
a second Ctrl-C ends at once. Exit code 0: everything was acknowledged; 1: Kafka or
the registry was not ready, or a record was not acknowledged; 2: wrong input.

example: 100 transactions a second, one in twenty with a fault, told by all three
  for source in core gateway mobile; do
    python producers/${{source}}_producer.py --seed 7 --rate 100 --count 6000 \\
      --fault-rate 0.05 --truth ${{source}}.jsonl --start-at {example} &
  done; wait"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for.

    `rate` is in transactions a second, 0 for as fast as possible; `count` is
    None for without end; `late_after` is in seconds.
    """

    topic: str
    rate: float
    count: int | None
    seed: int
    fault_rate: float
    truth: Path | None
    start_at: datetime
    late_after: float

    @property
    def business_rate(self) -> float:
        """Transactions per second of the time that the events tell."""
        return self.rate or UNPACED_RATE


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:].rstrip('.')}. See --help.\n")


def parse_options(source: str, system: str, arguments: Sequence[str], now: datetime) -> Options:
    """Ends the program with exit code 2 and a sentence when the input is wrong."""
    parser = _parser(source, system, now)
    given = parser.parse_args(arguments)
    if given.start_at is None:
        given.start_at = now.replace(microsecond=0)
    if given.seed is None:
        given.seed = int(f"{given.start_at.astimezone(UTC):%Y%m%d%H}")
    options = Options(**vars(given))
    if not options.rate and options.count is None:
        parser.error("--rate 0 needs a --count")
    if options.count is not None:
        ends_at = options.start_at + timedelta(seconds=options.count / options.business_rate)
        if not options.rate and ends_at > now + HORIZON:
            parser.error(
                f"{options.count} transactions at {UNPACED_RATE:.0f} a second of business time "
                f"from {options.start_at.isoformat()} end more than a day ahead; "
                "give an earlier --start-at or a smaller --count"
            )
    return options


def _parser(source: str, system: str, now: datetime) -> _Parser:
    parser = _Parser(
        description=DESCRIPTION.format(system=system),
        epilog=EPILOGUE.format(example=f"{now:%Y-%m-%dT%H:%M:%SZ}"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--rate",
        type=_number,
        default=10.0,
        metavar="N",
        help="transactions a second; 0: as fast as possible (default 10)",
    )
    parser.add_argument(
        "--count",
        type=_count,
        metavar="N",
        help="transactions to publish, each to its end, late ones too (default: until stopped)",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        metavar="N",
        help="which transactions: 0 to 2^63-1 (default: the UTC hour of --start-at, YYYYMMDDHH)",
    )
    parser.add_argument(
        "--fault-rate",
        type=_share,
        default=0.05,
        metavar="SHARE",
        help="share of the transactions that carry a fault of some source, 0 to 1 (default 0.05)",
    )
    parser.add_argument(
        "--truth",
        type=Path,
        metavar="FILE",
        help="write what was really injected, as JSON lines (producers/truth.py has the fields)",
    )
    parser.add_argument(
        "--start-at",
        type=_instant,
        metavar="INSTANT",
        help="when the first transaction happens, such as 2026-03-01T09:00:00Z; what is past is "
        "caught up with (default: now, in whole seconds: enough for three that start together)",
    )
    parser.add_argument(
        "--late-after",
        type=_positive,
        default=90.0,
        metavar="SECONDS",
        help="how late a late source is; longer than the match window (default 90). "
        "With --rate 0 it comes last of all instead",
    )
    parser.add_argument(
        "--topic", default=TOPICS[source], help=f"topic to publish to (default {TOPICS[source]})"
    )
    return parser


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not isfinite(number) or number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return number


def _positive(text: str) -> float:
    if _number(text) == 0:
        raise argparse.ArgumentTypeError("it must be more than 0")
    return float(text)


def _share(text: str) -> float:
    if _number(text) > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return float(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 2^63-1")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an ISO 8601 instant such as 2026-03-01T09:00:00Z"
        ) from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} lacks its offset; end it with Z for UTC")
    if instant < EARLIEST:
        raise argparse.ArgumentTypeError(f"{text!r} is before {EARLIEST:%Y-%m-%d}")
    return instant.astimezone(UTC)
