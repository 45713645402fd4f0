"""What drf-spectacular has to be told of us."""

from __future__ import annotations

from drf_spectacular.authentication import SessionScheme


class DeskSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "desk.permissions.SessionAuthentication"
