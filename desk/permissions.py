"""Who the API answers: whoever is signed in and has a role. Nothing else is open by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import authentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from desk.roles import may_read

if TYPE_CHECKING:
    # Its class body imports what the settings name, which is this module.
    from rest_framework.views import APIView


class SessionAuthentication(authentication.SessionAuthentication):
    """Named in WWW-Authenticate, so that whoever is not signed in gets 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class MayRead(BasePermission):
    """Every role may read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return may_read(request.user)
