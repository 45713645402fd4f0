from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from producers.options import Options, parse_options

NOW = datetime(2026, 3, 1, 9, 30, 15, 700_000, tzinfo=UTC)


def parse(*arguments: str) -> Options:
    return parse_options("GATEWAY", "the payment gateway", arguments, NOW)


def test_by_default_it_starts_now_and_ends_when_stopped() -> None:
    options = parse()
    assert options.start_at == NOW.replace(microsecond=0)
    assert options.count is None
    assert options.topic == "gateway_txns"


def test_the_seed_is_by_default_the_hour_in_utc_at_which_it_starts() -> None:
    assert parse().seed == 2026030109
    assert parse("--start-at", "2026-01-31T23:00:00-02:00").seed == 2026020101


def test_an_instant_may_be_told_with_any_offset() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    options = parse("--start-at", "2026-03-01T09:00:00+05:30")
    assert options.start_at == datetime(2026, 3, 1, 9, tzinfo=kolkata)


def test_business_time_goes_at_the_rate_or_at_a_fixed_one() -> None:
    assert parse("--rate", "20").business_rate == 20
    assert parse("--rate", "0", "--count", "5").business_rate == 1000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rate", "fast"], "Argument --rate: 'fast' is not a number from 0 up."),
        (["--rate", "-1"], "Argument --rate: '-1' is not a number from 0 up."),
        (["--rate", "inf"], "Argument --rate: 'inf' is not a number from 0 up."),
        (["--rate", "0"], "--rate 0 needs a --count."),
        (["--count", "0"], "Argument --count: '0' is not a whole number from 1 up."),
        (["--count", "1.5"], "Argument --count: '1.5' is not a whole number from 1 up."),
        (["--seed", "-1"], "Argument --seed: '-1' is not a whole number from 0 to 2^63-1."),
        (["--seed", str(2**63)], "is not a whole number from 0 to 2^63-1."),
        (["--fault-rate", "1.1"], "Argument --fault-rate: '1.1' is not between 0 and 1."),
        (["--fault-rate", "nan"], "Argument --fault-rate: 'nan' is not a number from 0 up."),
        (["--late-after", "0"], "Argument --late-after: it must be more than 0."),
        (["--start-at", "soon"], "'soon' is not an ISO 8601 instant such as"),
        (["--start-at", "2026-03-01T09:00:00"], "lacks its offset; end it with Z for UTC."),
        (["--start-at", "1999-12-31T00:00:00Z"], "is before 2000-01-02."),
        (["--rate", "0", "--count", "90000000"], "end more than a day ahead; give an earlier"),
        (["--speed", "1"], "Unrecognized arguments: --speed 1."),
    ],
)
def test_wrong_input_ends_with_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert sentence in said
    assert said.count("\n") == 1


def test_help_explains_how_three_producers_agree(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse("--help")
    assert ended.value.code == 0
    assert "with the same --seed, --rate,\n--fault-rate and --start-at" in capsys.readouterr().out
