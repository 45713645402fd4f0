from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import LogEntry, os_user
from reconciliation.models import RuleSetVersion


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text("channels: {ATM: {expected: [core, gateway]}}")
    return file


@pytest.mark.django_db
def test_new_rules_leave_one_entry_that_says_who_and_what(file: Path) -> None:
    call_command("load_rules", str(file))
    rule_set = RuleSetVersion.objects.latest("version")
    entry = LogEntry.objects.get()
    assert (entry.action, entry.object_pk) == (LogEntry.Action.CREATE, str(rule_set.version))
    assert (entry.actor, entry.os_user) == (None, os_user())
    assert json.loads(entry.changes["rules"][1]) == rule_set.rules


@pytest.mark.django_db
def test_rules_that_were_in_force_leave_none(file: Path) -> None:
    call_command("load_rules", str(file))
    call_command("load_rules", str(file))
    assert LogEntry.objects.count() == 1


@pytest.mark.django_db
def test_refused_rules_leave_none(file: Path) -> None:
    file.write_text("channels: {atm: {}}")
    with pytest.raises(CommandError):
        call_command("load_rules", str(file))
    assert not LogEntry.objects.exists()
