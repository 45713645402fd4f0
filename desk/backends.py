"""Django's permissions, from roles alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from desk.roles import RIGHTS, roles_of


class RoleBackend(ModelBackend):
    """Local accounts; permissions come from `RIGHTS`, never from the database.

    Permissions given to users or groups in the database count for nothing, and
    whoever is marked as a superuser there is not let in: Django would ask nobody
    for the rights of one.
    """

    def authenticate(
        self, request: HttpRequest | None, username: Any = None, password: Any = None, **more: Any
    ) -> Any:
        if settings.OIDC_ISSUER:
            # A password would be a way around it.
            return None
        return super().authenticate(request, username=username, password=password, **more)

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and not user.is_superuser

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
