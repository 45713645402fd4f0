from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from producers.scenario import (
    CHANNELS,
    CURRENCIES,
    FaultKind,
    Status,
    Transaction,
    possible_faults,
    transaction,
)

seeds = st.integers(0, 2**63 - 1)
numbers = st.integers(0, 10**9)


def many(count: int, fault_rate: float = 1.0) -> list[Transaction]:
    return [transaction(seed=7, number=n, fault_rate=fault_rate) for n in range(count)]


def test_a_transaction_is_the_same_on_every_machine() -> None:
    known = transaction(seed=7, number=11, fault_rate=1)
    assert known.transaction_id == "TXN-7-000000011"
    assert (known.channel.name, known.outcome) == ("CARD", "SUCCESS")
    assert (known.account_id, known.reference) == ("AC2654435761", "008893798454")
    assert (known.currency.code, known.steps[-1].amount) == ("EUR", Decimal("91.83"))
    assert known.fault is not None
    assert (known.fault.kind, known.fault.source) == ("duplicate", "CORE")


@given(seeds, numbers)
def test_the_fault_rate_decides_on_faults_alone(seed: int, number: int) -> None:
    faultless = transaction(seed=seed, number=number, fault_rate=0)
    faulty = transaction(seed=seed, number=number, fault_rate=1)
    assert faultless.fault is None
    assert faulty.fault is not None
    assert faulty._replace(fault=None) == faultless


@given(numbers)
def test_different_seeds_have_different_ids(number: int) -> None:
    one, other = (transaction(seed=seed, number=number, fault_rate=0) for seed in (1, 11))
    assert one.transaction_id != other.transaction_id


@given(seeds, numbers)
def test_amounts_can_be_paid_and_fit_the_schema(seed: int, number: int) -> None:
    happened = transaction(seed=seed, number=number, fault_rate=0)
    for step in happened.steps:
        assert 0 < step.amount < 10**13
        assert step.amount % happened.currency.unit == 0


@given(seeds, numbers)
def test_steps_follow_each_other_up_to_the_outcome(seed: int, number: int) -> None:
    happened = transaction(seed=seed, number=number, fault_rate=0)
    assert happened.steps[-1].status is happened.outcome
    assert happened.steps[0].after == 0
    assert all(1 <= later.after - earlier.after <= 8 for earlier, later in pairwise(happened.steps))


@given(seeds, numbers)
def test_a_fault_is_of_a_source_that_is_to_tell(seed: int, number: int) -> None:
    happened = transaction(seed=seed, number=number, fault_rate=1)
    assert happened.fault is not None
    assert happened.fault.source in happened.channel.sources
    assert happened.fault.kind in possible_faults(happened.channel, happened.outcome)


def test_only_cards_are_authorised_first() -> None:
    for happened in many(500):
        pending = [step for step in happened.steps if step.status is Status.PENDING]
        assert len(pending) == (happened.channel.name == "CARD")


def test_cards_are_often_held_for_more_than_is_taken() -> None:
    cards = [happened for happened in many(1000) if happened.channel.name == "CARD"]
    more = [card for card in cards if card.steps[0].amount > card.steps[-1].amount]
    assert 0.4 < len(more) / len(cards) < 0.6


def test_channels_and_outcomes_come_in_their_shares() -> None:
    happened = many(5000)
    channels = Counter(each.channel for each in happened)
    outcomes = Counter(each.outcome for each in happened)
    assert all(abs(channels[channel] / 5000 - channel.share) < 0.03 for channel in CHANNELS)
    assert outcomes[Status.SUCCESS] > 4500
    assert outcomes[Status.FAILED] > outcomes[Status.REVERSED] > 50


def test_all_currencies_are_paid_in() -> None:
    assert {happened.currency for happened in many(1000)} == set(CURRENCIES)


def test_the_fault_rate_is_met_with_every_kind() -> None:
    faults = [happened.fault for happened in many(5000, fault_rate=0.2) if happened.fault]
    kinds = Counter(fault.kind for fault in faults)
    assert 900 < len(faults) < 1100
    assert all(kinds[kind] > 50 for kind in FaultKind)


def test_some_accounts_are_busy_and_keep_their_currency() -> None:
    happened = many(5000)
    currencies = {(each.account_id, each.currency.code) for each in happened}
    busiest = Counter(each.account_id for each in happened).most_common(1)[0][1]
    assert busiest > 200
    assert len(currencies) == len({account_id for account_id, _ in currencies}) > 1000
