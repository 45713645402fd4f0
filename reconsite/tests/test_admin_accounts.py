"""Accounts, roles and the audit log."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.test import Client

from audit.models import LogEntry
from reconciliation.read_only_admin import list_of, page_of
from reconciliation.rule_book import RuleBook
from reconciliation.services import add_rule_set


def get(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_an_account_tells_its_roles_and_offers_no_permissions(admin: Client) -> None:
    user = User.objects.get(username="admin")
    assert "admin" in get(admin, list_of(User))
    page = get(admin, page_of(User, user.pk))
    assert "Superuser status" not in page
    assert "User permissions" not in page


def test_a_role_tells_what_it_may_do_and_who_has_it(admin: Client) -> None:
    page = get(admin, page_of(Group, Group.objects.get(name="admin").pk))
    assert "ingestion.replay_deadletter" in page
    assert page_of(User, User.objects.get(username="admin").pk) in page


def test_a_group_that_is_no_role_has_no_rights(admin: Client) -> None:
    group = Group.objects.create(name="auditors")
    assert "None: this is no role." in get(admin, page_of(Group, group.pk))


def test_accounts_are_not_changed_here(admin: Client) -> None:
    address = page_of(User, User.objects.get(username="admin").pk)
    assert admin.post(address, {"username": "other"}).status_code == 403


def test_the_audit_log_tells_who_did_what(compliance: Client) -> None:
    document = RuleBook().current()[-1].to_document()
    add_rule_set(rules=document, note="Stricter")
    entry = LogEntry.objects.latest("timestamp")
    assert "(a command)" in get(compliance, list_of(LogEntry))
    assert "Stricter" in get(compliance, page_of(LogEntry, entry.pk))
