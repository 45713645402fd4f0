"""Who the API answers: whoever is signed in and has a role. Nothing else is open by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import authentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from desk.roles import may_read

if TYPE_CHECKING:
    # Its class body imports what the settings name, which is this module.
    from rest_framework.views import APIView


class SessionAuthentication(authentication.SessionAuthentication):
    """By the session's cookie; whatever changes something needs the CSRF token, signed in or not.

    Named in WWW-Authenticate, so that whoever is not signed in gets 401 and not 403.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        signed_in = super().authenticate(request)
        if signed_in is None:
            self.enforce_csrf(request)
        return signed_in

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as refused:
            raise PermissionDenied(str(refused.detail), code="csrf") from refused

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class MayRead(BasePermission):
    """Every role may read."""

    message = "Your account has no role here: ask an administrator for one."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return may_read(request.user)
