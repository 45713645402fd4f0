"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem_of(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer for an error that a view raised; None for what is nobody's but ours (500)."""
    response = exception_handler(error, context)
    if response is not None:
        response.content_type = "application/problem+json"
    return response
