"""Django's permissions, from roles alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from desk.roles import RIGHTS, roles_of


class RoleBackend(ModelBackend):
    """Local accounts; permissions come from `RIGHTS`, never from the database.

    Permissions given to users or groups in the database count for nothing.
    """

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is not None:
            return set()
        if not hasattr(user_obj, "_rights"):
            user_obj._rights = set().union(*(RIGHTS[role] for role in roles_of(user_obj)))
        rights: set[str] = user_obj._rights
        return rights

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(
            right.startswith(f"{app_label}.") for right in self.get_all_permissions(user_obj)
        )
