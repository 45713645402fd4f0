from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from desk.roles import RIGHTS, Role, may_read, roles_of


def user_in(*roles: str) -> User:
    user = User.objects.create_user("somebody")
    for role in roles:
        user.groups.add(Group.objects.create(name=role))
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
def test_a_role_is_the_group_of_its_name() -> None:
    assert roles_of(user_in("admin", "viewer", "cooks")) == [Role.VIEWER, Role.ADMIN]


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_every_role_may_read_the_dashboard(role: Role) -> None:
    assert may_read(user_in(role))


@pytest.mark.django_db
def test_without_a_role_nothing_may_be_read() -> None:
    assert not may_read(user_in("cooks"))
    assert not may_read(AnonymousUser())


@pytest.mark.django_db
def test_somebody_deactivated_has_no_role() -> None:
    user = user_in("admin")
    user.is_active = False
    assert roles_of(user) == []
    assert user.get_all_permissions() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_rights_are_those_of_the_role(role: Role) -> None:
    user = user_in(role)
    assert user.get_all_permissions() == RIGHTS[role]
    assert user.has_module_perms("reconciliation") == (role in ("admin", "compliance"))


@pytest.mark.django_db
def test_a_permission_in_the_database_counts_for_nothing() -> None:
    user = user_in("viewer")
    user.user_permissions.add(Permission.objects.get(codename="delete_user"))
    assert not User.objects.get(pk=user.pk).has_perm("auth.delete_user")


def test_compliance_changes_nothing() -> None:
    assert all(".view_" in right for right in RIGHTS[Role.COMPLIANCE])
