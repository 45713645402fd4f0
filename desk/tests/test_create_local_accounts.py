from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from desk.roles import STAFF, Role, roles_of

PASSWORDS = "viewer one two\nanalyst Ånalyst\nadmin a\ncompliance c\n"


@pytest.fixture(autouse=True)
def fast_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def create(monkeypatch: pytest.MonkeyPatch, text: str = PASSWORDS) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(text))
    call_command("create_local_accounts")


@pytest.mark.django_db
def test_each_account_has_the_role_of_its_name_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create(monkeypatch)
    accounts = {user.username: roles_of(user) for user in User.objects.all()}
    assert accounts == {role: [role] for role in Role}
    assert {user.username for user in User.objects.filter(is_staff=True)} == STAFF
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "password"), [("viewer", "one two"), ("analyst", "Ånalyst")])
def test_an_account_signs_in_with_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, password: str
) -> None:
    create(monkeypatch)
    assert authenticate(username=name, password=password) is not None
    assert authenticate(username=name, password=password.upper()) is None


@pytest.mark.django_db
def test_a_second_time_changes_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch)
    before = dict(User.objects.values_list("username", "password"))
    create(monkeypatch)
    assert dict(User.objects.values_list("username", "password")) == before


@pytest.mark.django_db
def test_another_password_replaces_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch)
    create(monkeypatch, "viewer another\n")
    assert authenticate(username="viewer", password="another") is not None
    assert authenticate(username="viewer", password="one two") is None


@pytest.mark.django_db
def test_a_role_that_was_added_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch)
    viewer = User.objects.get(username="viewer")
    viewer.groups.set(User.objects.get(username="admin").groups.all())
    create(monkeypatch)
    assert roles_of(viewer) == [Role.VIEWER]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "root secret\n", "viewer\n", "viewer \n", "viewer v\n\n"])
def test_what_is_no_account_is_refused_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    with pytest.raises(CommandError) as refused:
        create(monkeypatch, text)
    assert "secret" not in str(refused.value)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_beside_keycloak_local_accounts_are_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.OIDC_ISSUER = "https://sso.bank.example/realms/reconsite"
    with pytest.raises(CommandError, match="OIDC_ISSUER is set"):
        create(monkeypatch)
    assert not User.objects.exists()
