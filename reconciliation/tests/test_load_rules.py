from __future__ import annotations

from io import StringIO
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import CommandError, call_command

from reconciliation.management.commands.load_rules import EXAMPLE, Command
from reconciliation.models import RuleSetVersion
from reconciliation.rule_files import parse_rules
from reconciliation.rules import rules_of_settings

CASH = "channels: {ATM: {expected: [core, gateway]}}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def load(file: Path, text: str, *options: str) -> str:
    file.write_text(text)
    out = StringIO()
    call_command("load_rules", *options, str(file), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_file_becomes_the_next_version(file: Path) -> None:
    before = RuleSetVersion.objects.latest("version")
    said = load(file, CASH)
    added = RuleSetVersion.objects.latest("version")
    assert said.startswith(f"rule set version {added.version} is in force\n")
    assert added.version == before.version + 1
    assert added.in_force_from > before.in_force_from
    assert added.rules["channels"] == {"ATM": {"expected": ["core", "gateway"]}}
    assert added.note == "rules.yaml"


@pytest.mark.django_db
def test_what_differs_from_the_version_before_is_shown(file: Path) -> None:
    first = RuleSetVersion.objects.latest("version").version
    load(file, "default: {match_window: 60, amount_tolerance: 0.5}\n" + CASH)
    said = load(file, "default: {match_window: 90, amount_tolerance: {default: 0.5, JPY: 1}}")
    assert said.splitlines()[1:] == [
        f"                           version {first + 1}      version {first + 2}",
        "default  match_window      60             90",
        "default  amount_tolerance  0.5            default 0.5, JPY 1",
        "ATM      expected          core, gateway  as default",
    ]


@pytest.mark.django_db
def test_rules_that_are_in_force_add_no_version(file: Path) -> None:
    load(file, CASH)
    version = RuleSetVersion.objects.latest("version").version
    said = load(file, "channels: {ATM: {expected: [gateway, core]}, UPI: {}}")
    assert said == f"{file} is in force already, as rule set version {version}\n"
    assert RuleSetVersion.objects.latest("version").version == version


@pytest.mark.django_db
def test_a_mistake_is_told_with_its_line_and_adds_no_version(file: Path) -> None:
    file.write_text("default:\n  match_windw: 90\n")
    versions, err = RuleSetVersion.objects.count(), StringIO()
    with pytest.raises(CommandError, match="was not loaded"):
        call_command("load_rules", str(file), stderr=err)
    assert err.getvalue().startswith(f"{file}:2: match_windw is not a key of default")
    assert RuleSetVersion.objects.count() == versions


def test_a_check_needs_no_database(file: Path) -> None:
    assert load(file, CASH, "--check") == f"{file} has no mistakes\n"


def test_a_check_finds_a_mistake(file: Path) -> None:
    with pytest.raises(CommandError, match="correct these lines"):
        load(file, "channels: {atm: {}}", "--check")


def test_a_file_with_a_byte_order_mark_is_fine(file: Path) -> None:
    assert load(file, "\ufeff" + CASH, "--check") == f"{file} has no mistakes\n"


def test_an_absent_file_is_told(file: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        call_command("load_rules", str(file))


def test_a_file_that_is_not_text_is_told(file: Path) -> None:
    file.write_bytes(b"channels: {\xe9: {}}")
    with pytest.raises(CommandError, match="cannot be read: it is not UTF-8 text"):
        call_command("load_rules", str(file))


def test_the_example_of_the_help_can_be_loaded() -> None:
    example = EXAMPLE.split("\n\n")[1]
    assert example in Command().create_parser("manage.py", "load_rules").format_help()
    document = parse_rules(dedent(example), name="", base=rules_of_settings(), feed_silence=30)
    assert document["channels"]["CARD"] == {"amount_tolerance": {"default": "0", "USD": "0.01"}}
