"""Section 4 of the contract in worked examples, and what must hold for any history.

An example is its sentence, and below it

    EVENTS [; read TIME] [; held SOURCE OPENED [ENDED]] -> VERDICT [risking AMOUNT CURRENCY]

An event is a source (`all`: one of each), its status unless it is SUCCESS,
and what differs from what `told` says. Times are in seconds after ten. `read`
is how far every source has been read, or, by name, some; without it none was.
The verdict is a status, or the discrepancies of a mismatch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from reconciliation.events import Event
from reconciliation.feeds import Feeds, Hold
from reconciliation.rules import Rules, RuleSet
from reconciliation.tests.naive_reference import naive_verdict, next_change_times
from reconciliation.tests.strategies import SOURCES, TEN, Case, after, cases, told

STANDARD = Rules(
    expected=SOURCES,
    match_window=timedelta(seconds=60),
    pending_window=timedelta(hours=2),
    timestamp_tolerance=timedelta(seconds=5),
    amount_tolerance=Decimal(0),
    amount_tolerance_by_currency={"USD": Decimal("0.50")},
)
RULE_SET = RuleSet(
    version=1,
    in_force_from=TEN - timedelta(days=1),
    default=STANDARD,
    channels={
        "BRANCH": replace(STANDARD, expected=("CORE", "GATEWAY")),
        "UPI": replace(STANDARD, match_window=timedelta(seconds=10)),
    },
)

RULES = """
due counts from the smallest receipt
    core received=9, gateway received=4; read 64 -> MISSING_MOBILE
a channel without an override has the default
    core channel=CARD; read 59.999999 -> in_flight
an override's match window counts
    core channel=UPI, gateway; read 10 -> MISSING_MOBILE
a branch transaction never touches the mobile app
    core channel=BRANCH, gateway; read 60 -> matched
the first leg with a channel names it
    core, gateway channel=BRANCH, mobile channel=UPI; read 10 -> matched
the core's channel goes before a smaller one
    core channel=UPI, gateway channel=BRANCH; read 10 -> MISSING_MOBILE
a leg's channel is the smallest of all its events
    core PENDING channel=BRANCH, core channel=UPI, gateway -> matched
a leg of a source that is not expected is compared like any other
    core channel=BRANCH, gateway, mobile amount=90 -> AMOUNT
a leg of a source that is not expected must be final, too
    core channel=BRANCH, gateway, mobile PENDING -> in_flight
a leg of a source that is not expected can be behind
    core channel=BRANCH, gateway, mobile PENDING; read mobile=60 -> STATUS
a leg of a source that is not expected can say that money moved
    core FAILED channel=BRANCH, mobile; read 60 -> STATUS MISSING_GATEWAY
"""

FOLD = """
a redelivery counts once
    all, core received=3 -> matched
a redelivery that names another channel counts once
    all, core channel=UPI -> matched
a re-send counts once
    all, core number=7 -> matched
amounts that differ in padding alone are one content
    all, core amount=100.00 number=7 -> matched
a later pending never undoes a final state
    all, core PENDING occurred=9 -> matched
a later SUCCESS after FAILED is a correction
    all, core FAILED occurred=-1 -> matched
a later FAILED after SUCCESS is a correction
    all FAILED, core occurred=-1; read 0 -> matched
REVERSED outranks a later SUCCESS
    all REVERSED, core occurred=9 -> matched
of two final states at one time the greater event_id counts
    core FAILED number=1, core number=2, gateway, mobile -> matched
a content's smallest event_id stands for it
    core FAILED number=2, core number=1, core number=3, gateway -> STATUS
at one time, under one event_id, the greater status counts
    core FAILED number=1, core number=1, gateway, mobile -> DUPLICATE
then the greater amount counts
    core amount=90 number=1, core number=1, gateway, mobile -> DUPLICATE
the effective event's account counts
    core account=B, core occurred=1, gateway -> DUPLICATE
a leg's time is the earliest of its status, not of its event
    core PENDING occurred=-900, core occurred=9, core occurred=5, gateway, mobile -> DUPLICATE
a second posting is a duplicate, though only one leg is there
    core, core amount=90 -> DUPLICATE
a re-send with a fresh time is a duplicate
    all, core occurred=1 -> DUPLICATE
a second refusal is a duplicate
    core FAILED, core FAILED occurred=1 -> DUPLICATE
a second posting below the effective status is a duplicate
    all REVERSED, core, core amount=90 -> DUPLICATE
a second pending is not a duplicate
    all, core PENDING, core PENDING amount=90 -> matched
one event_id for two contents is a duplicate
    core PENDING number=1, core number=1, gateway, mobile -> DUPLICATE
two sources may use one event_id
    all number=1 -> matched
"""

COMPARE = """
all legs agree
    all -> matched
currencies that are not all equal leave amounts uncompared
    core, gateway currency=USD amount=1 -> CURRENCY
a difference of exactly the amount tolerance is accepted
    core currency=USD, gateway currency=USD amount=100.5, mobile currency=USD -> matched
a difference beyond the amount tolerance is not
    core currency=USD, gateway currency=USD amount=100.5001 -> AMOUNT
a tolerance in one currency is none in another
    core, gateway amount=100.0001 -> AMOUNT
a pre-authorisation beside its final amount invents nothing
    core, gateway PENDING amount=1 currency=USD -> in_flight
pending legs are compared with each other
    core PENDING, gateway PENDING amount=90 -> AMOUNT
amounts, currencies and times of failed legs are left out
    core FAILED, gateway FAILED amount=1 occurred=90, mobile FAILED currency=USD -> matched
exactly the timestamp tolerance is accepted
    core, gateway occurred=5, mobile -> matched
a microsecond beyond the timestamp tolerance is not
    core, gateway occurred=5.000001 -> TIMESTAMP
timestamps are measured between the outermost
    core, gateway occurred=4, mobile occurred=-4 -> TIMESTAMP
a tap beside a posting is not compared
    mobile PENDING occurred=-900, core -> in_flight
accounts are compared over all legs
    core PENDING, gateway FAILED account=B -> ACCOUNT
SUCCESS beside FAILED disagree at once
    core, gateway FAILED -> STATUS
FAILED beside REVERSED agree
    core FAILED, gateway REVERSED, mobile FAILED -> matched
several discrepancies stand side by side
    core, gateway amount=90 account=B occurred=9 -> AMOUNT ACCOUNT TIMESTAMP
a pending leg beside a final one waits
    core PENDING, gateway received=5, mobile received=7; read 64.999999 -> in_flight
it is behind a match window after the first that outranked it
    core PENDING, gateway received=5, mobile received=7; read 65 -> STATUS
it is behind by what its own source had published
    core PENDING, gateway, mobile; read gateway=999 mobile=999 -> in_flight
others need not be read for it to be behind
    core PENDING, gateway, mobile; read core=60 -> STATUS
an event outranks it though its own leg has moved on
    core PENDING, gateway, gateway REVERSED received=50; read core=60 -> STATUS
a leg that has caught up is not behind
    core PENDING, core received=99, gateway, mobile; read 99 -> matched
SUCCESS beside REVERSED waits
    core, gateway, mobile REVERSED received=30; read 89.999999 -> in_flight
SUCCESS beside REVERSED is behind in the end
    core, gateway, mobile REVERSED received=30; read gateway=90 -> STATUS
only a reversal outranks SUCCESS
    core, mobile, mobile REVERSED received=30, gateway REVERSED; read core=60 -> STATUS
FAILED beside REVERSED is not behind
    all FAILED, gateway REVERSED; read 999 -> matched
"""

WITHOUT_A_SECOND_LEG = """
all pending waits for the pending window
    all PENDING; read 7199.999999 -> in_flight
all pending is unresolved at the pending window
    all PENDING; read 7200 -> UNRESOLVED
one pending leg is unresolved, too
    core PENDING; read 7200 -> UNRESOLVED
unresolved waits for every expected source
    all PENDING; read core=7200 gateway=7200 -> in_flight
unresolved does not wait for a source that is not expected
    core PENDING channel=BRANCH; read core=7200 gateway=7200 -> UNRESOLVED
a final status is resolved
    core FAILED; read 7200 -> matched
nothing is missing before due
    core, gateway; read 59.999999 -> in_flight
an absent source is missing at due
    core, gateway; read 60 -> MISSING_MOBILE
each absent source is missing by itself
    gateway; read core=60 mobile=59.999999 -> MISSING_CORE
two can be missing
    mobile; read 60 -> MISSING_CORE MISSING_GATEWAY
a source that was never read to its end is not missing
    core, gateway; read core=999 gateway=999 -> in_flight
a source is missing beside a reversal while one leg says SUCCESS
    core, gateway REVERSED received=30; read 60 -> MISSING_MOBILE
where nothing moved nothing is missing
    core FAILED; read 60 -> matched
a pending leg does not say that money moved
    core PENDING; read 7199 -> in_flight
a late leg heals
    all, mobile received=99; read 99 -> matched
"""

DECIDE = """
where nothing moved absent sources have until due
    core FAILED; read 59.999999 -> in_flight
a lone reversal is complete at due
    mobile REVERSED; read 60 -> matched
each absent source has until due
    core FAILED; read gateway=60 -> in_flight
with all legs there nobody waits
    all FAILED -> matched
a discrepancy is told at once
    core, gateway account=B -> ACCOUNT
a pending leg is not final
    core FAILED, gateway PENDING; read gateway=59.999999 mobile=999 -> in_flight
"""

FEED_GUARD = """
nothing is missing meanwhile
    core, gateway; read 999; held mobile 50 -> in_flight
nothing is unresolved meanwhile
    all PENDING; read 9999; held core 7000 -> in_flight
nothing is behind meanwhile
    core PENDING, gateway, mobile; read 999; held core 50 -> in_flight
nothing is complete meanwhile
    core FAILED; read 999; held mobile 50 -> in_flight
what was called missing before stays
    core, gateway; read 999; held mobile 60.000001 -> MISSING_MOBILE
the opening belongs to the incident
    core, gateway; read 999; held mobile 60 -> in_flight
so does the end
    core, gateway; read 119.999999; held mobile 0 60 -> in_flight
after the end nothing is held
    core, gateway; read 60; held mobile 0 59.999999 -> MISSING_MOBILE
it is held until a match window after the end has been read
    core, gateway; read 139.999999; held mobile 50 80 -> in_flight
then it is missing
    core, gateway; read 140; held mobile 50 80 -> MISSING_MOBILE
the match window is the channel's
    core channel=UPI, gateway; read 90; held mobile 5 80 -> MISSING_MOBILE
every incident of the source holds
    core, gateway; read 149.999999; held mobile 50 70; held mobile 55 90 -> in_flight
another source's incident holds nothing
    core, gateway; read 60; held core 0 -> MISSING_MOBILE
an incident keeps no discrepancy between legs
    core, gateway account=B; held mobile 0 -> ACCOUNT
an incident keeps no agreement of all
    all; held mobile 0 -> matched
"""

AMOUNT_AT_RISK = """
nothing while nothing is found
    all -> matched risking 0 INR
the largest difference for AMOUNT
    core, gateway amount=90, mobile amount=95 -> AMOUNT risking 10 INR
the full amount of the largest leg for ACCOUNT
    core, gateway PENDING amount=130 account=B -> ACCOUNT risking 130 INR
the full amount for STATUS, failed legs left out
    core, gateway FAILED amount=900 -> STATUS risking 100 INR
the full amount for CURRENCY, in the first leg's
    core amount=2 currency=USD, gateway -> CURRENCY risking 2 USD
a failed leg does not name the currency
    core FAILED currency=USD, gateway -> STATUS risking 100 INR
failed legs alone risk nothing
    core FAILED, gateway FAILED account=B -> ACCOUNT risking 0 INR
the full amount for UNRESOLVED
    core PENDING; read 7200 -> UNRESOLVED risking 100 INR
the full amount for MISSING_CORE
    gateway, mobile; read 60 -> MISSING_CORE risking 100 INR
the full amount for MISSING_GATEWAY
    core, mobile; read 60 -> MISSING_GATEWAY risking 100 INR
nothing for MISSING_MOBILE alone
    core, gateway; read 60 -> MISSING_MOBILE risking 0 INR
nothing for TIMESTAMP alone
    core, gateway occurred=9 -> TIMESTAMP risking 0 INR
the full amount for each extra posting
    core, core occurred=1, core occurred=2 -> DUPLICATE risking 200 INR
extra postings of all sources add up
    core, core occurred=1, gateway, gateway occurred=1 -> DUPLICATE risking 200 INR
a posting that was sent again is no extra one
    core, core occurred=1, core number=7 -> DUPLICATE risking 100 INR
an event_id for two contents is by itself no extra posting
    core PENDING number=1, core number=1 -> DUPLICATE risking 0 INR
of several the largest
    core, gateway amount=90 account=B -> AMOUNT ACCOUNT risking 100 INR
"""

UNHURRIED = settings(deadline=None)
UNSHRUNK = settings(UNHURRIED, phases=[Phase.generate])
FACTS: dict[str, Callable[[str], object]] = {"number": int, "occurred": float, "received": float}


def events_of(text: str) -> list[Event]:
    events = []
    for one in text.split(", "):
        who, *words = one.split()
        pairs = [word.split("=") for word in words if "=" in word]
        facts: dict[str, Any] = {name: FACTS.get(name, str)(value) for name, value in pairs}
        status = next((word for word in words if "=" not in word), "SUCCESS")
        sources = SOURCES if who == "all" else (who.upper(),)
        events += [told(source, status, **facts) for source in sources]
    return events


def feeds_of(conditions: list[str]) -> Feeds:
    read_until, holds = {}, []
    for kind, *words in (condition.split() for condition in conditions):
        if kind == "held":
            source, opened, *ended = words
            end = after(float(ended[0])) if ended else None
            holds.append(Hold(source.upper(), after(float(opened)), end))
        else:
            reads = [word.split("=") for word in words if "=" in word]
            for source, at in reads or [[source, words[0]] for source in SOURCES]:
                read_until[source.upper()] = after(float(at))
    return Feeds(read_until, tuple(holds))


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example.strip(), id=sentence)
        for table in (
            *(RULES, FOLD, COMPARE, WITHOUT_A_SECOND_LEG),
            *(DECIDE, FEED_GUARD, AMOUNT_AT_RISK),
        )
        for sentence, example in zip(*[iter(table.strip().splitlines())] * 2, strict=True)
    ],
)
def test_the_text_is_followed(example: str) -> None:
    case, says = example.split(" -> ")
    events, *conditions = case.split("; ")
    says, _, risk = says.partition(" risking ")
    verdict = naive_verdict(events_of(events), RULE_SET, feeds_of(conditions))
    assert verdict.discrepancies == {word for word in says.split() if word.isupper()}
    assert verdict.status == (says if says.islower() else "mismatched")
    assert risk in ("", f"{verdict.amount_at_risk:f} {verdict.currency}")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("all", set()),
        ("core", {("GATEWAY", 60), ("MOBILE", 60)}),
        ("core channel=BRANCH received=3", {("GATEWAY", 63)}),
        ("core FAILED", {("GATEWAY", 60), ("MOBILE", 60)}),
        ("core PENDING", {("CORE", 7200), ("GATEWAY", 7200), ("MOBILE", 7200)}),
        ("core PENDING, gateway received=5, mobile received=7", {("CORE", 65)}),
        ("core PENDING, gateway FAILED received=9", {("CORE", 69)}),
        ("core, gateway REVERSED received=30", {("CORE", 90), ("MOBILE", 60)}),
    ],
)
def test_next_change_times_are(events: str, expected: set[tuple[str, float]]) -> None:
    times = next_change_times(events_of(events), RULE_SET)
    assert times == {(source, after(seconds)) for source, seconds in expected}


@UNHURRIED
@given(cases().flatmap(lambda case: st.tuples(st.just(case), st.permutations(case.events))))
def test_the_order_of_arrival_does_not_matter(both: tuple[Case, list[Event]]) -> None:
    case, shuffled = both
    assert naive_verdict(shuffled, case.rule_set, case.feeds) == naive_verdict(*case)


@UNHURRIED
@given(cases(), st.data())
def test_a_redelivery_changes_nothing(case: Case, data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(case.events))
    assert naive_verdict((*case.events, again), case.rule_set, case.feeds) == naive_verdict(*case)


@UNHURRIED
@given(cases())
def test_a_verdict_changes_at_its_change_times_alone(case: Case) -> None:
    reached: dict[str, datetime] = {}
    for source, at in sorted(next_change_times(case.events, case.rule_set)):
        if source in case.feeds.read_until and at <= case.feeds.read_until[source]:
            reached[source] = at
    as_read = naive_verdict(case.events, case.rule_set, Feeds(case.feeds.read_until))
    assert naive_verdict(case.events, case.rule_set, Feeds(reached)) == as_read


@pytest.mark.parametrize("status", ["matched", "mismatched", "in_flight"])
def test_the_strategies_reach_every_verdict(status: str) -> None:
    find(cases(), lambda case: naive_verdict(*case).status == status, settings=UNSHRUNK)


def test_the_strategies_reach_healing() -> None:
    def heals(case: Case) -> bool:
        events, rule_set, feeds = case
        past = [naive_verdict(events[:n], rule_set, feeds).status for n in range(1, len(events))]
        return "mismatched" in past and naive_verdict(*case).status == "matched"

    find(cases(), heals, settings=UNSHRUNK)
