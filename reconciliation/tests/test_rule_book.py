from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reconciliation.models import RuleSetVersion
from reconciliation.rule_book import RuleBook
from reconciliation.rules import rules_of_settings

pytestmark = pytest.mark.django_db


def add_version(version: int) -> None:
    newest = RuleSetVersion.objects.latest("version")
    default = newest.rules["default"] | {"match_window": version}
    RuleSetVersion.objects.create(
        version=version,
        rules={"default": default, "channels": {}},
        in_force_from=newest.in_force_from + timedelta(hours=1),
        note="",
    )


def windows(rules: RuleBook) -> list[tuple[int, float]]:
    """Each version that is known, with its match window in seconds."""
    return [(each.version, each.default.match_window.total_seconds()) for each in rules.current()]


def test_the_first_version_is_that_of_the_settings() -> None:
    (first,) = RuleBook().current()
    assert (first.version, first.default, first.channels) == (1, rules_of_settings(), {})


def test_a_newer_version_is_seen_at_the_next_question() -> None:
    rules = RuleBook()
    assert windows(rules) == [(1, 60)]
    add_version(2)
    assert windows(rules) == [(1, 60), (2, 2)]


def test_versions_come_oldest_first() -> None:
    for version in (2, 3, 4):
        add_version(version)
    assert windows(RuleBook()) == [(1, 60), (2, 2), (3, 3), (4, 4)]


def test_known_versions_are_not_read_again(django_assert_num_queries: Any) -> None:
    rules = RuleBook()
    (known,) = rules.current()
    with django_assert_num_queries(1):
        (again,) = rules.current()
    assert again is known
