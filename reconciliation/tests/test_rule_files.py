from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from reconciliation.events import Source
from reconciliation.rule_files import Problem, RulesNeedCorrection, parse_rules
from reconciliation.rules import Rules

EXAMPLE = Path(__file__).parents[2] / "schemas" / "rules.example.yaml"

BASE = Rules(
    expected=tuple(Source.values),
    match_window=timedelta(seconds=60),
    pending_window=timedelta(seconds=7200),
    timestamp_tolerance=timedelta(seconds=5),
    amount_tolerance=Decimal(0),
    amount_tolerance_by_currency={},
)


def parse(text: str, *, feed_silence: int = 30) -> dict[str, Any]:
    return parse_rules(dedent(text), name="rules.yaml", base=BASE, feed_silence=feed_silence)


def problems(text: str, *, feed_silence: int = 30) -> list[Problem]:
    with pytest.raises(RulesNeedCorrection) as refused:
        parse(text, feed_silence=feed_silence)
    return refused.value.problems


def sentence(text: str, *, feed_silence: int = 30) -> str:
    (problem,) = problems(text, feed_silence=feed_silence)
    return problem.sentence


def test_the_example_puts_the_channels_in_order() -> None:
    document = parse(EXAMPLE.read_text())
    assert document["default"] == BASE.to_document()
    assert document["channels"] == {
        "ATM": {"expected": ["core", "gateway"]},
        "BRANCH": {"expected": ["core"]},
        "CARD": {"pending_window": 21600},
    }


def test_the_default_keeps_what_the_file_does_not_name() -> None:
    assert parse("channels: {ATM: {match_window: 90}}")["default"] == BASE.to_document()
    assert parse("default: {match_window: 90}")["default"] == {
        **BASE.to_document(),
        "match_window": 90,
    }


def test_sources_are_told_in_their_order() -> None:
    assert parse("default: {expected: [mobile, core]}")["default"]["expected"] == ["core", "mobile"]


def test_an_amount_is_what_was_written() -> None:
    document = parse("default: {amount_tolerance: {default: 123456789012345.1234, JPY: '1.50'}}")
    assert document["default"]["amount_tolerance"] == {
        "default": "123456789012345.1234",
        "JPY": "1.5",
    }


def test_a_map_of_tolerances_without_a_default_is_exact_elsewhere() -> None:
    document = parse("default: {amount_tolerance: {USD: 0.01}}")
    assert document["default"]["amount_tolerance"] == {"default": "0", "USD": "0.01"}


def test_a_timestamp_tolerance_may_have_a_fraction() -> None:
    document = parse("default: {timestamp_tolerance: 0.50}")
    assert document["default"]["timestamp_tolerance"] == "0.5"


def test_names_that_yaml_takes_for_booleans_stay_names() -> None:
    document = parse("channels: {NO: {match_window: 90}, 12: {match_window: 90}}")
    assert list(document["channels"]) == ["12", "NO"]


def test_an_alias_repeats_a_channel() -> None:
    document = parse("channels: {ATM: &cash {expected: [core]}, BRANCH: *cash}")
    assert document["channels"]["BRANCH"] == {"expected": ["core"]}


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    text = """\
    default:
      match_window: soon
      amount_tolerance:
        JPY: -1
    channels:
      ATM:
        expected: [core,
                   till]
        wait: 5
      atm: {}
    """
    assert [problem.line for problem in problems(text)] == [2, 4, 8, 9, 10]


def test_the_message_is_ready_for_an_editor() -> None:
    with pytest.raises(RulesNeedCorrection) as refused:
        parse("default:\n  match_window: soon\n  pending_window: 0\n")
    assert str(refused.value) == (
        "rules.yaml:2: match_window is soon; allowed are whole seconds from 31 "
        "(longer than RECON_FEED_SILENCE) to 2592000 (30 days)\n"
        "rules.yaml:3: pending_window is 0; allowed are whole seconds from 1 to 2592000 (30 days)"
    )


@pytest.mark.parametrize(
    "window", ["0", "-5", "60.5", "1:30", "061", "1_000", "6e1", "2592001", ""]
)
def test_a_window_is_plain_whole_seconds(window: str) -> None:
    said = sentence(f"default: {{match_window: {window} }}", feed_silence=0)
    assert said.startswith(f"match_window is {window or 'empty'}; allowed are whole seconds from 1")


@pytest.mark.parametrize(
    "amount", ["-1", "0.00001", "1e3", ".5", "5.", ".nan", "'1,5'", "1000000000000000", "[1]"]
)
def test_an_amount_tolerance_is_a_plain_number(amount: str) -> None:
    said = sentence(f"default: {{amount_tolerance: {amount} }}")
    assert said.startswith("amount_tolerance is ")
    assert said.endswith("with at most 4 decimals")


@pytest.mark.parametrize("seconds", ["-1", "2592001", "2592000.5", "0.00001"])
def test_a_timestamp_tolerance_has_a_range(seconds: str) -> None:
    said = sentence(f"default: {{timestamp_tolerance: {seconds} }}")
    assert said.startswith(f"timestamp_tolerance is {seconds}; allowed are seconds from 0")


@pytest.mark.parametrize("channel", ["atm", "TOO_LONG_A_CHANNEL", "A-B", "''", "É", "[x]"])
def test_a_channel_has_a_canonical_name(channel: str) -> None:
    assert "cannot be a channel" in sentence(f"channels: {{ {channel} : {{}} }}")


@pytest.mark.parametrize("currency", ["jpy", "JPYX", "JP", "Default"])
def test_a_currency_is_three_letters(currency: str) -> None:
    said = sentence(f"default: {{amount_tolerance: {{default: 0, {currency}: 1}}}}")
    assert said.startswith(f"{currency} cannot be a currency")


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("[]", "expected is an empty list"),
        ("core", "expected is core"),
        ("{core: 1}", "expected is a map"),
        ("[core, core]", "expected names core twice"),
        ("[core, [gateway]]", "expected has a list"),
    ],
)
def test_expected_is_a_list_of_sources(expected: str, said: str) -> None:
    assert sentence(f"default: {{expected: {expected} }}").startswith(said)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("default: {match_windw: 60}", "match_window"),
        ("defaults: {}", "default"),
        ("default: {expected: [CORE]}", "core"),
        ("channels: {upi: {}}", "UPI"),
    ],
)
def test_a_near_miss_is_told_what_it_may_mean(text: str, meant: str) -> None:
    assert sentence(text).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("default:\n  match_window: 60\n  match_window: 60\n", 3),
        ("channels:\n  ATM: {}\n  ATM: {}\n", 3),
        ("default: {amount_tolerance: {JPY: 1,\n JPY: 1}}", 2),
        ("default: {}\ndefault: {}\n", 2),
    ],
)
def test_a_key_that_is_named_twice_is_refused(text: str, line: int) -> None:
    (problem,) = problems(text)
    assert (problem.line, "is named twice" in problem.sentence) == (line, True)


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "---\n"])
def test_a_file_that_says_nothing_is_refused(text: str) -> None:
    assert problems(text) == [Problem(1, "the file says nothing; allowed are default and channels")]


@pytest.mark.parametrize("text", ["60", "[default]", "default: 60", "channels: [ATM]"])
def test_a_map_must_be_a_map(text: str) -> None:
    assert sentence(text).endswith("must be a map")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("default:\n\tmatch_window: 60\n", 2),
        ("default: {\n", 2),
        ("default: {}\n---\nchannels: {}\n", 2),
        ("default: *unknown\n", 1),
        ("default: {}\n# \x07\n", 2),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    (problem,) = problems(text)
    assert (problem.line, problem.sentence[:16]) == (line, "this is not YAML")


def test_a_match_window_outlasts_the_feeds_silence() -> None:
    assert parse("channels: {ATM: {match_window: 31}}")["channels"]["ATM"]["match_window"] == 31
    assert "from 31 (longer than" in sentence("channels: {ATM: {match_window: 30}}")
    assert parse("default: {match_window: 1}", feed_silence=0)["default"]["match_window"] == 1


def test_a_match_window_of_the_settings_outlasts_the_feeds_silence_too() -> None:
    assert parse("default: {match_window: 61}", feed_silence=60)["default"]["match_window"] == 61
    assert "needs a match_window" in sentence("default: {pending_window: 5}", feed_silence=60)
