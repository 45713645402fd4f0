from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciliation.rules import RuleSet, normalised, rule_set_at

MARCH = datetime(2026, 3, 1, tzinfo=UTC)

DEFAULT: dict[str, Any] = {
    "expected": ["core", "gateway", "mobile"],
    "match_window": 60,
    "pending_window": 7200,
    "timestamp_tolerance": 5,
    "amount_tolerance": "0",
}


def rule_set(default: dict[str, Any] | None = None, **channels: dict[str, Any]) -> RuleSet:
    document = {"default": {**DEFAULT, **(default or {})}, "channels": channels}
    return RuleSet.from_document(1, MARCH, document)


def version(number: int, in_force_from: datetime) -> RuleSet:
    return RuleSet.from_document(number, in_force_from, {"default": DEFAULT, "channels": {}})


def amounts() -> st.SearchStrategy[str]:
    return st.decimals(0, 10**14, places=4).map(str)


def overrides() -> st.SearchStrategy[dict[str, Any]]:
    sources = st.lists(
        st.sampled_from(("mobile", "core", "gateway")), min_size=1, max_size=3, unique=True
    )
    by_currency = st.dictionaries(st.sampled_from(("INR", "JPY", "USD")), amounts())
    return st.fixed_dictionaries(
        {},
        optional={
            "expected": sources,
            "match_window": st.integers(1, 100),
            "pending_window": st.integers(1, 100),
            "timestamp_tolerance": st.sampled_from((0, 5, "0.5", "0.0001", "5.0")),
            "amount_tolerance": amounts()
            | st.builds(
                lambda default, others: {"default": default, **others}, amounts(), by_currency
            ),
        },
    )


def documents() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda default, channels: {"default": {**DEFAULT, **default}, "channels": channels},
        overrides(),
        st.dictionaries(st.sampled_from(("ATM", "CARD", "UPI")), overrides()),
    )


@given(documents())
def test_a_rule_set_judges_alike_after_its_document_went_through_json(
    document: dict[str, Any],
) -> None:
    rules = RuleSet.from_document(1, MARCH, document)
    again = RuleSet.from_document(1, MARCH, json.loads(json.dumps(rules.to_document())))
    for channel in ("ATM", "CARD", "UPI", None):
        before, after = rules.rules_for(channel), again.rules_for(channel)
        assert before.to_document() == after.to_document()
        for currency in ("INR", "JPY", "USD", "EUR"):
            assert before.tolerance_in(currency) == after.tolerance_in(currency)


@given(documents())
def test_a_normalised_document_is_normal(document: dict[str, Any]) -> None:
    normal = normalised(document)
    assert normalised(normal) == normal
    assert RuleSet.from_document(1, MARCH, document).to_document() == normal


def test_a_document_becomes_the_values_that_judge() -> None:
    rules = rule_set({"expected": ["mobile", "core"], "timestamp_tolerance": "0.5"}).default
    assert rules.expected == ("CORE", "MOBILE")
    assert rules.match_window == timedelta(minutes=1)
    assert rules.pending_window == timedelta(hours=2)
    assert rules.timestamp_tolerance == timedelta(milliseconds=500)
    assert rules.amount_tolerance == Decimal(0)


def test_a_channel_inherits_what_it_does_not_name() -> None:
    rules = rule_set({"match_window": 90}, ATM={"expected": ["core", "gateway"]}).rules_for("ATM")
    assert rules.expected == ("CORE", "GATEWAY")
    assert rules.match_window == timedelta(seconds=90)
    assert rules.pending_window == timedelta(hours=2)


def test_another_channel_and_none_have_the_default() -> None:
    rules = rule_set(ATM={"match_window": 90})
    assert rules.rules_for("UPI") == rules.rules_for(None) == rules.default


def test_a_tolerance_holds_for_its_currency_alone() -> None:
    rules = rule_set({"amount_tolerance": {"default": "0.01", "JPY": "1"}}).default
    assert rules.tolerance_in("JPY") == Decimal(1)
    assert rules.tolerance_in("EUR") == Decimal("0.01")


def test_a_channels_tolerances_replace_the_defaults_as_a_whole() -> None:
    rules = rule_set(
        {"amount_tolerance": {"default": "0.5", "JPY": "1"}},
        CARD={"amount_tolerance": {"default": "0", "USD": "0.01"}},
    ).rules_for("CARD")
    assert rules.tolerance_in("JPY") == rules.tolerance_in("EUR") == Decimal(0)
    assert rules.tolerance_in("USD") == Decimal("0.01")


def test_an_amount_is_exact_and_has_one_spelling() -> None:
    document = rule_set({"amount_tolerance": "0.0100"}, CARD={"amount_tolerance": "1E+2"})
    assert document.default.amount_tolerance == Decimal("0.01")
    assert document.to_document()["default"]["amount_tolerance"] == "0.01"
    assert document.to_document()["channels"]["CARD"]["amount_tolerance"] == "100"


def test_a_document_leaves_out_what_equals_the_default() -> None:
    document = rule_set(
        {"amount_tolerance": {"default": "1", "JPY": "1.0"}},
        UPI={"match_window": 60},
        ATM={"match_window": 60, "expected": ["gateway", "core"]},
    ).to_document()
    assert document["default"]["amount_tolerance"] == "1"
    assert document["channels"] == {"ATM": {"expected": ["core", "gateway"]}}


def test_the_newest_version_in_force_at_first_seen_judges() -> None:
    versions = [version(number, MARCH + timedelta(days=number)) for number in (1, 2, 3)]
    assert rule_set_at(versions, MARCH + timedelta(days=2)).version == 2
    assert rule_set_at(versions, MARCH + timedelta(days=3, microseconds=-1)).version == 2
    assert rule_set_at(versions, MARCH + timedelta(days=9)).version == 3


def test_the_oldest_version_judges_what_came_before_any() -> None:
    versions = [version(number, MARCH + timedelta(days=number)) for number in (1, 2)]
    assert rule_set_at(versions, MARCH).version == 1
