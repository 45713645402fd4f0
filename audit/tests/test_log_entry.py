from __future__ import annotations

import os
import pwd

import pytest
from django.conf import settings
from django.db import connection

from audit.models import LogEntry, os_user


def test_every_entry_goes_to_our_own_model() -> None:
    assert LogEntry._meta.label == settings.AUDITLOG_LOGENTRY_MODEL
    assert LogEntry._meta.db_table == "audit_logs"


@pytest.mark.django_db
def test_there_is_one_audit_log() -> None:
    assert [name for name in connection.introspection.table_names() if "audit" in name] == [
        "audit_logs"
    ]


@pytest.mark.django_db
def test_whoever_does_not_own_the_log_can_only_add_and_read() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT acl.privilege_type FROM pg_class, aclexplode(relacl) AS acl"
            " WHERE pg_class.oid = 'audit_logs'::regclass AND acl.grantee <> relowner"
        )
        assert {privilege for (privilege,) in cursor.fetchall()} == {"INSERT", "SELECT"}


def test_the_os_user_is_the_account_and_not_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert os_user() == pwd.getpwuid(os.getuid()).pw_name


def test_an_account_without_a_name_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a container that was given a number of its own.
    monkeypatch.setattr(os, "getuid", lambda: 1_000_740_000)
    assert os_user() == "1000740000"
