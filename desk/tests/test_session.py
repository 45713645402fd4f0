from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from desk.tests.conftest import PASSWORD
from desk.tests.test_access import problem

pytestmark = pytest.mark.django_db

MakeUser = Callable[..., User]


def sign_in(client: Client, **credentials: str) -> Any:
    return client.post("/api/v1/session", credentials, content_type="application/json")


def test_everybody_may_ask_how_to_sign_in_and_gets_a_csrf_token(client: Client) -> None:
    response = client.get("/api/v1/config")
    assert response.json() == {
        "version": "0.1.0",
        "sign_in": "local",
        "time_zone": "UTC",
        "csrf_cookie": "csrftoken",
        "csrf_header": "X-CSRFToken",
        "live_path": "/ws/live/",
    }
    assert "csrftoken" in response.cookies


def test_with_the_right_password_one_is_signed_in(client: Client, make_user: MakeUser) -> None:
    make_user("ada", "viewer", "compliance")
    me = sign_in(client, username="ada", password=PASSWORD).json()
    assert (me["username"], me["name"], me["staff"]) == ("ada", "ada", True)
    assert me["roles"] == ["viewer", "compliance"]
    assert client.get("/api/v1/me").json()["username"] == "ada"


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("ADA", PASSWORD)]
)
def test_it_is_not_told_which_of_the_two_was_wrong(
    client: Client, make_user: MakeUser, name: str, password: str
) -> None:
    make_user("ada", "viewer")
    response = sign_in(client, username=name, password=password)
    assert problem(response) == (401, "wrong-credentials")
    assert response.json()["detail"] == "The user name or the password is wrong."


def test_no_password_is_a_way_around_the_issuer(
    client: Client, make_user: MakeUser, settings: Settings
) -> None:
    make_user("ada", "viewer")
    settings.OIDC_ISSUER = "https://issuer.example"
    assert problem(sign_in(client, username="ada", password=PASSWORD))[0] == 401


def test_somebody_deactivated_is_not_let_in(client: Client, make_user: MakeUser) -> None:
    ada = make_user("ada", "viewer")
    ada.is_active = False
    ada.save()
    assert problem(sign_in(client, username="ada", password=PASSWORD))[0] == 401


def test_a_superuser_is_not_let_in_for_there_is_no_such_role(
    client: Client, make_user: MakeUser
) -> None:
    ada = make_user("ada", "admin")
    client.force_login(ada)
    assert client.get("/api/v1/me").status_code == 200
    ada.is_superuser = True
    ada.save()
    assert client.get("/api/v1/me").status_code == 401
    assert problem(sign_in(client, username="ada", password=PASSWORD))[0] == 401


def test_somebody_without_a_role_is_told_so_and_not_signed_in(
    client: Client, make_user: MakeUser
) -> None:
    make_user("ada")
    assert problem(sign_in(client, username="ada", password=PASSWORD)) == (403, "not-allowed")
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("missing", ["username", "password"])
def test_what_is_missing_is_named(client: Client, missing: str) -> None:
    credentials = {"username": "ada", "password": PASSWORD}
    del credentials[missing]
    response = sign_in(client, **credentials)
    assert problem(response) == (400, "invalid-parameters")
    assert [error["field"] for error in response.json()["errors"]] == [missing]


def test_what_is_no_json_is_refused(client: Client) -> None:
    response = client.post("/api/v1/session", "{", content_type="application/json")
    assert problem(response) == (400, "about:blank")
    response = client.post("/api/v1/session", "x", content_type="text/plain")
    assert problem(response) == (415, "about:blank")


def test_what_is_nested_without_end_is_refused(client: Client) -> None:
    response = client.post("/api/v1/session", "[" * 100_000, content_type="application/json")
    assert problem(response) == (400, "about:blank")


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    response = sign_in(client, username="ada", password="x" * (3 * 2**20))
    assert problem(response) == (400, "about:blank")


def test_signing_in_from_another_site_is_refused(make_user: MakeUser) -> None:
    make_user("ada", "viewer")
    browser = Client(enforce_csrf_checks=True)
    assert problem(sign_in(browser, username="ada", password=PASSWORD)) == (403, "csrf")
    token = browser.get("/api/v1/config").cookies["csrftoken"].value
    response = browser.post(
        "/api/v1/session",
        {"username": "ada", "password": PASSWORD},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert response.status_code == 200


def test_signing_in_gives_a_new_session(client: Client, make_user: MakeUser) -> None:
    make_user("ada", "viewer")
    sign_in(client, username="ada", password=PASSWORD)
    before = client.cookies["sessionid"].value
    sign_in(client, username="ada", password=PASSWORD)
    client.logout()
    sign_in(client, username="ada", password=PASSWORD)
    assert client.cookies["sessionid"].value != before


def test_one_is_told_when_the_session_ends(viewer: Client) -> None:
    at = datetime(2026, 11, 25, 9, 30, tzinfo=UTC) + timedelta(days=9999)
    Session.objects.update(expire_date=at)
    told = viewer.get("/api/v1/me").json()["session_expires_at"]
    assert datetime.fromisoformat(told) == at


def test_signing_out_ends_the_session(viewer: Client) -> None:
    assert viewer.delete("/api/v1/session").status_code == 204
    assert problem(viewer.get("/api/v1/me")) == (401, "not-signed-in")


def test_a_session_that_was_deleted_is_over(viewer: Client) -> None:
    viewer.session.flush()
    assert problem(viewer.get("/api/v1/me")) == (401, "not-signed-in")
