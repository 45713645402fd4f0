"""The matcher against the naive reference, which was written from the contract alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.events import Event, Judgement
from reconciliation.feeds import Feeds
from reconciliation.matching import judge
from reconciliation.tests.naive_reference import NaiveVerdict, naive_verdict
from reconciliation.tests.strategies import Case, cases, feeds


def told(judgement: Judgement) -> NaiveVerdict:
    verdict = judgement.verdict
    return NaiveVerdict(
        status=verdict.status.value,
        discrepancies=frozenset(verdict.discrepancies),
        amount_at_risk=verdict.amount_at_risk,
        currency=verdict.currency,
        channel=verdict.channel,
    )


@st.composite
def cases_as_time_passes(draw: st.DrawFn) -> tuple[Case, Feeds]:
    """A case, and the feeds once each source has been read as far or further."""
    case = draw(cases())
    drawn = draw(feeds(case.events, case.rule_set)).read_until
    now = case.feeds.read_until
    later = {
        source: max(until for until in (now.get(source), drawn.get(source)) if until is not None)
        for source in {*now, *drawn}
    }
    return case, Feeds(later, case.feeds.holds)


@st.composite
def cases_in_another_order(draw: st.DrawFn) -> tuple[Case, list[Event]]:
    """A case, and its events in any order, some of them delivered again."""
    case = draw(cases())
    again = draw(st.lists(st.sampled_from(case.events), max_size=3))
    return case, draw(st.permutations([*case.events, *again]))


@settings(max_examples=400, deadline=None)
@given(cases())
def test_it_equals_the_naive_reference(case: Case) -> None:
    judgement = judge(case.events, case.rule_set, case.feeds)
    assert told(judgement) == naive_verdict(case.events, case.rule_set, case.feeds)


@settings(max_examples=200, deadline=None)
@given(cases_in_another_order())
def test_order_and_redelivery_change_nothing(both: tuple[Case, list[Event]]) -> None:
    case, events = both
    assert judge(events, case.rule_set, case.feeds) == judge(case.events, case.rule_set, case.feeds)


@settings(max_examples=400, deadline=None)
@given(cases_as_time_passes())
def test_no_change_by_time_alone_goes_unannounced(both: tuple[Case, Feeds]) -> None:
    case, later = both
    now = judge(case.events, case.rule_set, case.feeds)
    reached = any(
        source in later.read_until and later.read_until[source] >= at
        for source, at in now.waits.items()
    )
    assert reached or judge(case.events, case.rule_set, later).verdict == now.verdict


@settings(max_examples=200, deadline=None)
@given(cases())
def test_what_is_waited_for_has_not_been_reached(case: Case) -> None:
    for source, at in judge(case.events, case.rule_set, case.feeds).waits.items():
        until = case.feeds.read_until.get(source)
        held = any(hold.source == source and hold.ended_at is None for hold in case.feeds.holds)
        assert until is None or until < at or held
