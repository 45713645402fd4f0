"""Hypothesis strategies for transactions, rule sets and feeds.

Values come from small pools and shrink towards one source that tells one
SUCCESS, so that a counterexample is short and reads like a story.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from hypothesis import strategies as st

from reconciliation.events import Event
from reconciliation.feeds import Feeds, Hold
from reconciliation.rules import Rules, RuleSet

T = TypeVar("T")

TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SOURCES = ("CORE", "GATEWAY", "MOBILE")
CHANNELS = ("UPI", "BRANCH", None)
COURSES = (
    ("SUCCESS",),
    ("PENDING", "SUCCESS"),
    ("FAILED",),
    ("SUCCESS", "REVERSED"),
    ("PENDING",),
    ("FAILED", "SUCCESS"),
    ("SUCCESS", "FAILED"),
    ("PENDING", "SUCCESS", "REVERSED"),
)
# When a status is told, in seconds after ten: each source tells it at the same time.
TELLING = {"PENDING": 0, "SUCCESS": 1, "FAILED": 1, "REVERSED": 2}


class Case(NamedTuple):
    """One transaction, and everything that its verdict depends on."""

    events: tuple[Event, ...]
    rule_set: RuleSet
    feeds: Feeds


def after(seconds: float) -> datetime:
    return TEN + timedelta(seconds=seconds)


def told(
    source: str,
    status: str = "SUCCESS",
    *,
    number: int | None = None,
    amount: str = "100",
    currency: str = "INR",
    account: str = "A",
    occurred: float = 0,
    received: float = 0,
    channel: str | None = None,
    reference: str | None = None,
) -> Event:
    """One event; times are in seconds after ten.

    `number` makes the `event_id`; without one each content has its own.
    """
    content = f"{source} {account} {amount} {currency} {status} {occurred}"
    return Event(
        topic=f"{source.lower()}_txns",
        partition=0,
        offset=0,
        event_id=str(uuid5(NAMESPACE_OID, content) if number is None else UUID(int=number)),
        transaction_id="T1",
        source=source,
        account_id=account,
        amount=Decimal(amount),
        currency=currency,
        status=status,
        occurred_at=after(occurred),
        channel=channel,
        reference=reference,
        kafka_timestamp=after(received),
        received_at=after(received),
    )


def usually(agreed: T, *others: T, weight: int) -> st.SearchStrategy[T]:
    """`agreed`, `weight` times as often as each of `others`; it shrinks to `agreed`."""
    return st.sampled_from((agreed,) * weight + others)


def event_ids() -> st.SearchStrategy[str]:
    """Few enough to be used twice by accident, now and then."""
    return st.integers(1, 60).map(lambda number: str(UUID(int=number)))


def receipts() -> st.SearchStrategy[datetime]:
    """At first seen, and around the match windows of `rules`."""
    return usually(0.0, 1, 9, 10, 11, 59, 60, 61, 120, weight=6).map(after)


@st.composite
def events_of(draw: st.DrawFn, source: str, status: str, channel: str | None) -> Event:
    """What a source tells: as the others do, save now and then in one field."""
    tells = draw(usually("as agreed", "time", "amount", "account", "currency", weight=24))
    late = draw(st.sampled_from((6, 11, 5, -6)))
    other_amount = draw(st.sampled_from(("100.01", "100.02", "101", "250", "0")))
    return told(
        source,
        status,
        amount=other_amount if tells == "amount" else "100",
        currency="USD" if tells == "currency" else "INR",
        account="B" if tells == "account" else "A",
        occurred=TELLING[status] + (late if tells == "time" else 0),
        channel=draw(usually(channel, *CHANNELS, weight=12)),
        reference=draw(st.sampled_from((None, "R1", "R2"))),
    )._replace(event_id=draw(event_ids()), received_at=draw(receipts()))


@st.composite
def echoes(draw: st.DrawFn, events: Sequence[Event]) -> Event:
    """One of `events` once more: redelivered, sent again, or its id or content re-used."""
    once_more = draw(st.sampled_from(events))._replace(received_at=draw(receipts()))
    kind = draw(usually("redelivered", "sent again", "id re-used", "posted again", weight=3))
    if kind == "redelivered":
        known_as = draw(usually(once_more.channel, *CHANNELS, weight=3))
        once_more = once_more._replace(channel=known_as)
    if kind in ("sent again", "posted again"):
        once_more = once_more._replace(event_id=draw(event_ids()))
    if kind in ("id re-used", "posted again"):
        later = timedelta(seconds=draw(st.sampled_from((1, 5, 6, 0))))
        amount = Decimal(250) if later == timedelta(0) else once_more.amount
        once_more = once_more._replace(occurred_at=once_more.occurred_at + later, amount=amount)
    return once_more


def in_order_of_arrival(events: Sequence[Event]) -> tuple[Event, ...]:
    """Numbered as a partition numbers them: offsets follow `received_at`."""
    arrived = sorted(events, key=lambda event: event.received_at)
    return tuple(
        event._replace(offset=offset, kafka_timestamp=event.received_at)
        for offset, event in enumerate(arrived)
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[Event, ...]:
    """One to twelve events of one transaction, in order of arrival."""
    one, two = ("CORE",), ("CORE", "GATEWAY")
    others = (("GATEWAY",), ("MOBILE",), ("CORE", "MOBILE"), ("GATEWAY", "MOBILE"))
    sources = draw(st.sampled_from((one, two, *(SOURCES,) * 8, *others)))
    agreed = draw(usually(*COURSES, weight=5))
    channel = draw(st.sampled_from(CHANNELS))
    events = [
        draw(events_of(source, status, channel))
        for source in sources
        for status in draw(usually(agreed, *COURSES, weight=60))
    ]
    for _ in range(draw(usually(0, 1, 2, 3, weight=8))):
        events.append(draw(echoes(events)))
    return in_order_of_arrival(events)


def rules() -> st.SearchStrategy[Rules]:
    expected = (SOURCES, ("CORE", "GATEWAY"), ("CORE",), ("GATEWAY", "MOBILE"))
    by_currency = ({"INR": Decimal("0.01")}, {"USD": Decimal(1)}, {"INR": Decimal(0)})
    return st.builds(
        Rules,
        expected=usually(*expected, weight=4),
        match_window=st.sampled_from((60, 10)).map(lambda n: timedelta(seconds=n)),
        pending_window=st.sampled_from((300, 120, 60)).map(lambda n: timedelta(seconds=n)),
        timestamp_tolerance=usually(5, 0, 10, weight=4).map(lambda n: timedelta(seconds=n)),
        amount_tolerance=usually("0", "0.01", "1", weight=3).map(Decimal),
        amount_tolerance_by_currency=usually({}, *by_currency, weight=3),
    )


def rule_sets() -> st.SearchStrategy[RuleSet]:
    return st.builds(
        RuleSet,
        version=st.just(1),
        in_force_from=st.just(TEN - timedelta(days=1)),
        default=rules(),
        channels=st.dictionaries(st.sampled_from(("UPI", "BRANCH")), rules(), max_size=2),
    )


def telling_times(events: Sequence[Event], rule_set: RuleSet) -> list[datetime]:
    """Each receipt, each with a window on it, and those with a match window more."""
    every = (rule_set.default, *rule_set.channels.values())
    matching = {rules.match_window for rules in every}
    windows = {timedelta(0), *matching, *(rules.pending_window for rules in every)}
    windows |= {window + match for window in windows for match in matching}
    return sorted({event.received_at + window for event in events for window in windows})


@st.composite
def holds(draw: st.DrawFn, times: Sequence[datetime]) -> Hold:
    """A feed incident that opened, and perhaps ended, at or beside one of `times`."""
    moments = st.builds(datetime.__add__, st.sampled_from(times), nudges())
    opened_at, other = sorted((draw(moments), draw(moments)))
    ended_at = draw(st.sampled_from((other, None)))
    return Hold(draw(st.sampled_from(SOURCES)), opened_at, ended_at)


def nudges() -> st.SearchStrategy[timedelta]:
    return st.sampled_from((timedelta(0), -TICK, TICK))


@st.composite
def feeds(draw: st.DrawFn, events: Sequence[Event], rule_set: RuleSet) -> Feeds:
    """Sources that were never read, read to a telling time, just short of it, just beyond."""
    times = telling_times(events, rule_set)
    moments = st.builds(datetime.__add__, st.sampled_from(times), nudges())
    together = draw(st.one_of(st.none(), st.just(times[-1]), moments))
    read_until = {source: draw(st.one_of(st.just(together), moments)) for source in SOURCES}
    return Feeds(
        read_until={source: at for source, at in read_until.items() if at is not None},
        holds=tuple(draw(holds(times)) for _ in range(draw(usually(0, 1, 2, weight=3)))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    events, rule_set = draw(histories()), draw(rule_sets())
    return Case(events, rule_set, draw(feeds(events, rule_set)))
