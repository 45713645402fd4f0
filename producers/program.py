"""One producer, from the command line to the last acknowledgement."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from math import inf
from threading import Event as Flag
from time import time
from types import FrameType
from typing import BinaryIO

from producers import truth
from producers.encoding import Encoder
from producers.options import Options, parse_options
from producers.progress import Progress
from producers.publishing import (
    NotReadyError,
    Publisher,
    SettingsError,
    kafka_settings,
    registry_settings,
    schema_id,
)
from producers.scenario import transaction
from producers.schedule import in_order
from producers.telling import Telling, tell

SYSTEMS = {
    "CORE": "the core banking system",
    "GATEWAY": "the payment gateway",
    "MOBILE": "the mobile app",
}


def main(source: str) -> int:
    """Run the producer of this source; the exit code is told in `options.EPILOGUE`."""
    options = parse_options(source, SYSTEMS[source], sys.argv[1:], datetime.now(UTC))
    try:
        return _run(source, options)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except NotReadyError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(source: str, options: Options) -> int:
    registry, kafka = registry_settings(), kafka_settings()
    stopped = _stopped_by_signals()
    with ExitStack() as stack:
        run = _Run(
            source=source,
            options=options,
            truth_file=_open_truth(options, stack),
            encoder=Encoder(schema_id(options.topic, registry)),
            publisher=Publisher(options.topic, kafka),
            progress=Progress(source, sys.stdout),
            stopped=stopped,
        )
        run.publish_all()
    if run.publisher.failed:
        sys.stderr.write(
            f"{run.publisher.failed} records were not acknowledged: {run.publisher.problem}.\n"
        )
        return 1
    return 0


def _open_truth(options: Options, stack: ExitStack) -> BinaryIO | None:
    if options.truth is None:
        return None
    try:
        return stack.enter_context(options.truth.open("wb"))
    except OSError as error:
        raise SettingsError(f"--truth {options.truth}: {error.strerror}.") from error


def _stopped_by_signals() -> Flag:
    """A flag that the first SIGINT or SIGTERM sets; a second one ends the program as ever."""
    stopped = Flag()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopped


@dataclass(frozen=True, slots=True)
class _Run:
    source: str
    options: Options
    truth_file: BinaryIO | None
    encoder: Encoder
    publisher: Publisher
    progress: Progress
    stopped: Flag

    def publish_all(self) -> None:
        """Publish every transaction to its end, each record at its time when paced."""
        options = self.options
        self.progress.announce(
            topic=options.topic,
            seed=options.seed,
            rate=options.rate,
            fault_rate=options.fault_rate,
            start_at=options.start_at.isoformat(),
        )
        publisher = self.publisher
        for telling in in_order(self._begun()):
            if options.rate:
                self._wait_until(options.start_at.timestamp() + telling.at)
            publisher.publish(telling.event.transaction_id, self._value(telling))
            self._tick()
        while publisher.outstanding:
            publisher.serve(0.2)
            self._tick()
        self.progress.summarise(published=publisher.acknowledged, failed=publisher.failed)

    def _begun(self) -> Iterator[tuple[float, list[Telling]]]:
        """When each transaction begins and what is told of it, until the count or a stop."""
        options = self.options
        late_after = options.late_after if options.rate else inf
        for number in islice(count(), options.count):
            if self._stopping():
                return
            happened = transaction(seed=options.seed, number=number, fault_rate=options.fault_rate)
            begins = number / options.business_rate
            told = tell(
                happened,
                self.source,
                start_at=options.start_at,
                begins=begins,
                late_after=late_after,
            )
            self.progress.transactions += bool(told)
            self.progress.faults += happened.fault_of(self.source) is not None
            if self.truth_file is not None and (told or happened.fault is not None):
                self.truth_file.write(truth.line(happened, self.source, told))
            yield begins, told

    def _value(self, telling: Telling) -> bytes | None:
        record: dict[str, object] = telling.event._asdict()
        if telling.spoiling is None:
            return self.encoder.encode(record)
        return telling.spoiling.value(self.encoder.encode(telling.spoiling.record(record)))

    def _wait_until(self, instant: float) -> None:
        """Take in acknowledgements until the clock says `instant`, or a stop."""
        while (left := instant - time()) > 0 and not self._stopping():
            self.publisher.serve(min(left, 0.2))
            self._tick()

    def _tick(self) -> None:
        self.progress.tick(
            published=self.publisher.acknowledged, waiting=self.publisher.outstanding
        )

    def _stopping(self) -> bool:
        return self.stopped.is_set() or self.publisher.failed > 0
