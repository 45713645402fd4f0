"""Who may do what: four roles, each a group of that name, and the rights of each.

Rights are code, not rows: nobody can grant one by editing a table.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group
from django.db import models

SEEING = frozenset(
    {
        "reconciliation.view_rawevent",
        "reconciliation.view_reconciliationresult",
        "reconciliation.view_resultrevision",
        "reconciliation.view_opentransaction",
        "reconciliation.view_lane",
        "reconciliation.view_rulesetversion",
        "ingestion.view_kafkaoffset",
        "ingestion.view_deadletter",
        "audit.view_logentry",
    }
)


class Role(models.TextChoices):
    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"
    COMPLIANCE = "compliance"


# Django permissions, which the admin asks for. The dashboard is open to every role.
RIGHTS: dict[Role, frozenset[str]] = {
    Role.VIEWER: frozenset(),
    Role.ANALYST: frozenset(),
    Role.ADMIN: SEEING | {"ingestion.replay_deadletter", "auth.view_user", "auth.view_group"},
    Role.COMPLIANCE: SEEING,
}
STAFF = frozenset({Role.ADMIN, Role.COMPLIANCE})

User = AbstractBaseUser | AnonymousUser


def roles_of(user: User) -> list[Role]:
    """The user's roles, in the order of `Role`; none for whoever is not signed in."""
    if not user.is_authenticated or not user.is_active:
        return []
    names = set(Group.objects.filter(user=user.pk).values_list("name", flat=True))
    return [role for role in Role if role in names]


def may_read(user: User) -> bool:
    """Whether the dashboard and its API are open to this user."""
    return bool(roles_of(user))
