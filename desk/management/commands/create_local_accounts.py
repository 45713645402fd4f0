"""manage.py create_local_accounts: one account for each role, for a run without Keycloak."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from desk.roles import STAFF, Role


class Command(BaseCommand):
    help = """Makes the local accounts viewer, analyst, admin and compliance, each with its role.

Reads lines `NAME PASSWORD` from standard input, for a password on the command
line can be read by everybody. An account that is there keeps its sessions
unless its password differs. For trying out only: where OIDC_ISSUER is set,
Keycloak knows who people are, and this refuses."""

    def handle(self, **options: Any) -> None:
        if settings.OIDC_ISSUER:
            raise CommandError(
                "OIDC_ISSUER is set: people sign in by Keycloak, and local accounts would be a"
                " way around it. Unset it, or make the accounts in Keycloak."
            )
        passwords = read_passwords(sys.stdin.read())
        with transaction.atomic():
            for role, password in passwords.items():
                ensure_account(role=role, password=password)


def read_passwords(text: str) -> Mapping[Role, str]:
    """By role. Raises CommandError, without the password, where a line is not one."""
    passwords: dict[Role, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, _, password = line.partition(" ")
        if name not in Role or not password:
            raise CommandError(
                f"Line {number} of standard input is not NAME PASSWORD with one of the names"
                f" {', '.join(Role)}."
            )
        passwords[Role(name)] = password
    if not passwords:
        raise CommandError("Standard input has no line NAME PASSWORD.")
    return passwords


def ensure_account(*, role: Role, password: str) -> None:
    """The account of this name has this password and this role, and no other."""
    user, _ = User.objects.get_or_create(
        username=role.value, defaults={"first_name": "Local", "last_name": role.value}
    )
    user.is_active, user.is_staff, user.is_superuser = True, role in STAFF, False
    if not user.check_password(password):
        user.set_password(password)
    user.save()
    group, _ = Group.objects.get_or_create(name=role.value)
    user.groups.set([group])
