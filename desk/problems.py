"""Errors of the API as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import bad_request as page_of_bad_request
from django.views.defaults import server_error as page_of_server_error
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
# It does not answer: what it says of what was asked is a fault of ours.
DatabaseFault = (OperationalError, InterfaceError)
# By the code of the exception; others have no type of their own.
SLUGS = {
    "not_authenticated": "not-signed-in",
    "authentication_failed": "wrong-credentials",
    "permission_denied": "not-allowed",
    "not_found": "not-found",
    "csrf": "csrf",
    "unknown_position": "unknown-position",
    "unavailable": "unavailable",
}


class WrongCredentials(APIException):
    status_code = HTTPStatus.UNAUTHORIZED
    default_code = "authentication_failed"
    default_detail = "The user name or the password is wrong."


class PositionGone(APIException):
    status_code = HTTPStatus.GONE
    default_code = "unknown_position"
    default_detail = "This is no position of the journal: read everything anew."


class Unavailable(APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "The database does not answer, or not in time. Try again a little later."


def problem_of(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer for an error that a view raised; None for what is nobody's but ours (500)."""
    if isinstance(error, DatabaseFault):
        log.error("database_unavailable", fault=str(error).strip())
        error = Unavailable()
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        errors = list(_by_field(error.detail))
        told = "; ".join(f"{each['field']}: {each['detail']}" for each in errors)
        response.data = {**_problem(400, "invalid-parameters", told), "errors": errors}
    else:
        detail = response.data["detail"]
        response.data = _problem(response.status_code, SLUGS.get(detail.code), str(detail))
    response.content_type = CONTENT_TYPE
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before or while a view reads it: a foreign host, a body too large."""
    if not request.path.startswith("/api/"):
        return page_of_bad_request(request, exception)
    told = _problem(400, None, "The request is not one that can be answered.")
    return JsonResponse(told, status=400, content_type=CONTENT_TYPE)


def server_error(request: HttpRequest) -> HttpResponse:
    """What Django answers where nothing was caught: to programs in their language."""
    if not request.path.startswith("/api/"):
        return page_of_server_error(request)
    told = _problem(500, None, "Something went wrong here; the log of the server says what.")
    return JsonResponse(told, status=500, content_type=CONTENT_TYPE)


def _problem(status: int, slug: str | None, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:reconsite:problem:{slug}" if slug else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }


def _by_field(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _by_field(inner, field or str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _by_field(inner, field)
    else:
        yield {"field": field, "detail": str(detail)}
