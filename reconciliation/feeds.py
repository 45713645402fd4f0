"""How far each source has been read, and when a source counts as overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Hold:
    """A feed incident: while it lasts, nothing is missing on this source's account."""

    source: str
    opened_at: datetime
    ended_at: datetime | None

    def covers(self, at: datetime) -> bool:
        return self.opened_at <= at and (self.ended_at is None or at <= self.ended_at)


@dataclass(frozen=True, slots=True)
class Feeds:
    """`read_until` maps a source to the time before which all it published was read.

    A source without an entry was never read to its end. `holds` are the feed
    incidents, open and ended.
    """

    read_until: Mapping[str, datetime]
    holds: tuple[Hold, ...] = ()

    def overdue(self, source: str, at: datetime, match_window: timedelta) -> bool:
        """Whether everything that `source` published before `at` has been read.

        For a time within an incident: only once the source has been read to
        the incident's end and one match window more.
        """
        read_until = self.read_until.get(source)
        if read_until is None or read_until < at:
            return False
        for hold in self.holds:
            if hold.source != source or not hold.covers(at):
                continue
            if hold.ended_at is None or read_until < hold.ended_at + match_window:
                return False
        return True

    def not_before(self, clock: datetime) -> datetime:
        """`clock`, or the latest time that was read to where the clock has stepped back since.

        Else a transaction would be overdue before it was first seen.
        """
        return max(clock, *self.read_until.values()) if self.read_until else clock

    def wait_until(self, source: str, at: datetime, match_window: timedelta) -> datetime:
        """The time to which `source` must be read before it can be overdue at `at`.

        While an incident is open there is none: its end must wake what waits.
        """
        if not self.holds:
            return at
        ends = [
            NEVER if hold.ended_at is None else hold.ended_at + match_window
            for hold in self.holds
            if hold.source == source and hold.covers(at)
        ]
        return max(ends, default=at)
