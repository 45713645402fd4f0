"""The API: thin views that check what is asked, read, and tell."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models.functions import Length
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from desk import parameters, serializers
from desk.pages import LETTERS, MOST_AT_RISK, NEWEST, Order, Page, UnknownCursor, read_page
from desk.problems import CONTENT_TYPE, PositionGone, WrongCredentials
from desk.roles import STAFF, may_read, roles_of
from desk.selectors import (
    find_results,
    read_summary,
    read_timeseries,
    read_transaction,
    results_of,
)
from ingestion.models import DeadLetter
from ingestion.selectors import read_sources
from reconciliation.clock import read_clock
from reconciliation.events import VerdictStatus
from reconciliation.journal import Position, UnknownPosition, current_position, read_journal
from reconciliation.models import RuleSetVersion


def answers(shape: Any, *problems: int) -> dict[Any, Any]:
    """For the schema: the good answer, and the problems that come besides the usual two."""
    return {200: shape} | {
        (status, CONTENT_TYPE): serializers.ProblemSerializer for status in (*problems, 401, 403)
    }


@method_decorator(never_cache, name="dispatch")
class Endpoint(APIView):
    # No docstring: it would describe every operation in the document.
    asks: type[parameters.Parameters] = parameters.NoParameters

    def asked(self, request: Request) -> dict[str, Any]:
        """The checked parameters. Raises ValidationError."""
        checked = self.asks(data=request.query_params)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


class ConfigView(Endpoint):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="getConfig", auth=[], responses={200: serializers.ConfigSerializer})
    @method_decorator(ensure_csrf_cookie)
    def get(self, request: Request) -> Response:
        self.asked(request)
        return Response(
            {
                "version": settings.SPECTACULAR_SETTINGS["VERSION"],
                "sign_in": "oidc" if settings.OIDC_ISSUER else "local",
                "time_zone": settings.RECON_TIME_ZONE,
                "csrf_cookie": settings.CSRF_COOKIE_NAME,
                "csrf_header": "X-CSRFToken",
                "live_path": "/ws/live/",
            }
        )


class SessionView(Endpoint):
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="signIn",
        auth=[],
        request=serializers.CredentialsSerializer,
        responses=answers(serializers.MeSerializer, 400),
    )
    def post(self, request: Request) -> Response:
        credentials = serializers.CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request, **credentials.validated_data)
        if user is None:
            raise WrongCredentials
        if not may_read(user):
            raise PermissionDenied("Your account has no role here: ask an administrator for one.")
        login(request, user)
        request.user = user
        return Response(_me(request))

    @extend_schema(operation_id="signOut", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request)
        return Response(status=HTTPStatus.NO_CONTENT)


class MeView(Endpoint):
    @extend_schema(operation_id="getMe", responses=answers(serializers.MeSerializer))
    def get(self, request: Request) -> Response:
        self.asked(request)
        return Response(_me(request))


class SummaryView(Endpoint):
    @extend_schema(operation_id="getSummary", responses=answers(serializers.SummarySerializer))
    def get(self, request: Request) -> Response:
        self.asked(request)
        return Response(serializers.SummarySerializer(read_summary()).data)


class TimeseriesView(Endpoint):
    asks = parameters.TimeseriesParameters

    @extend_schema(
        operation_id="getTimeseries",
        parameters=[parameters.TimeseriesParameters],
        responses=answers(serializers.TimeseriesSerializer, 400),
    )
    def get(self, request: Request) -> Response:
        span = self.asked(request)["range"]
        return Response(serializers.TimeseriesSerializer(read_timeseries(span, read_clock())).data)


class SourcesView(Endpoint):
    @extend_schema(
        operation_id="listSources", responses=answers(serializers.SourceSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        self.asked(request)
        sources = read_sources(settings.TOPICS, read_clock())
        return Response(serializers.SourceSerializer(sources, many=True).data)


class ResultsView(Endpoint):
    asks = parameters.ResultsParameters

    @extend_schema(
        operation_id="listResults",
        parameters=[parameters.ResultsParameters],
        responses=answers(serializers.ResultPageSerializer, 400),
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(request)
        order = NEWEST if asked.pop("sort") == NEWEST.name else MOST_AT_RISK
        cursor, limit = asked.pop("cursor", None), asked.pop("limit")
        if order is MOST_AT_RISK:
            asked["status"] = _mismatched_only(asked.get("status"))
        page = _page(find_results(**asked), order, cursor, limit)
        return Response(serializers.ResultPageSerializer(page).data)


class ResultView(Endpoint):
    @extend_schema(
        operation_id="getResult", responses=answers(serializers.TransactionDetailSerializer, 404)
    )
    def get(self, request: Request, transaction_id: str) -> Response:
        self.asked(request)
        transaction = read_transaction(transaction_id)
        if transaction is None:
            raise NotFound("Nothing was ever told of a transaction with this id.")
        return Response(serializers.TransactionDetailSerializer(transaction).data)


class ChangesView(Endpoint):
    asks = parameters.ChangesParameters

    @extend_schema(
        operation_id="listChanges",
        parameters=[parameters.ChangesParameters],
        responses=answers(serializers.ChangesSerializer, 400, 410),
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(request)
        now = current_position()
        try:
            after = Position.parse(asked["after"])
            now.rows_since(after)
        except UnknownPosition as unknown:
            raise PositionGone from unknown
        passage = read_journal(after=after, upto=now, limit=asked["limit"])
        changes = {
            "position": passage.position,
            "complete": passage.position == now,
            "rows": results_of(passage.transaction_ids),
        }
        return Response(serializers.ChangesSerializer(changes).data)


class DeadLettersView(Endpoint):
    asks = parameters.DeadLettersParameters

    @extend_schema(
        operation_id="listDeadLetters",
        parameters=[parameters.DeadLettersParameters],
        responses=answers(serializers.DeadLetterPageSerializer, 400),
    )
    def get(self, request: Request) -> Response:
        asked = self.asked(request)
        # Their bytes stay where they are: they may hold anything.
        letters = DeadLetter.objects.annotate(size=Length("value")).defer("key", "value", "headers")
        if asked["replayed"] is not None:
            letters = letters.filter(replayed_at__isnull=not asked["replayed"])
        if asked.get("reason"):
            letters = letters.filter(reason__in=asked["reason"])
        if asked.get("topic"):
            letters = letters.filter(topic=asked["topic"])
        page = _page(letters, LETTERS, asked.get("cursor"), asked["limit"])
        return Response(serializers.DeadLetterPageSerializer(page).data)


class RuleSetsView(Endpoint):
    @extend_schema(
        operation_id="listRuleSets", responses=answers(serializers.RuleSetSerializer(many=True))
    )
    def get(self, request: Request) -> Response:
        self.asked(request)
        versions = RuleSetVersion.objects.order_by("-version")
        return Response(serializers.RuleSetSerializer(versions, many=True).data)


@extend_schema(exclude=True)
class NowhereView(Endpoint):
    """Whatever else is asked of the API."""

    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing at this address of the API.")


def _me(request: Request) -> Any:
    user = request.user
    assert isinstance(user, User)
    roles = roles_of(user)
    me = {
        "username": user.get_username(),
        "name": user.get_full_name() or user.get_username(),
        "roles": roles,
        "staff": bool(STAFF & set(roles)),
        # The session itself counts anew from every time that it is asked.
        "session_expires_at": Session.objects.get(pk=request.session.session_key).expire_date,
    }
    return serializers.MeSerializer(me).data


def _page(rows: Any, order: Order, cursor: str | None, limit: int) -> Page:
    try:
        return read_page(rows, order, cursor, limit)
    except UnknownCursor as unknown:
        raise ValidationError({"cursor": "This is no cursor of this list."}) from unknown


def _mismatched_only(status: list[str] | None) -> list[str]:
    if status and status != [VerdictStatus.MISMATCHED]:
        raise ValidationError({"sort": "By amount at risk only what is mismatched is listed."})
    return [VerdictStatus.MISMATCHED]
