"""What holds for every address of the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory

from desk.problems import server_error

DOCUMENT = Path(__file__).parents[2] / "frontend" / "openapi.json"
READS = (
    "me",
    "summary",
    "timeseries",
    "sources",
    "results",
    "results/T1",
    "changes?after=0",
    "dead-letters",
    "rule-sets",
)

pytestmark = pytest.mark.django_db


def problem(response: Any) -> tuple[int, str]:
    """The status and the type of a problem, once it is seen to be one."""
    assert response.headers["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["title"]
    assert told["detail"]
    return response.status_code, told["type"].removeprefix("urn:reconsite:problem:")


@pytest.mark.parametrize("address", READS)
def test_nothing_is_told_to_whoever_is_not_signed_in(client: Client, address: str) -> None:
    response = client.get(f"/api/v1/{address}")
    assert problem(response) == (401, "not-signed-in")
    assert response.headers["WWW-Authenticate"] == "Session"


@pytest.mark.parametrize("address", READS)
def test_nothing_is_told_to_whoever_has_no_role(nobody: Client, address: str) -> None:
    assert problem(nobody.get(f"/api/v1/{address}")) == (403, "not-allowed")


@pytest.mark.parametrize("address", [*READS, "config"])
def test_nothing_is_kept_by_browsers_and_proxies(viewer: Client, address: str) -> None:
    response = viewer.get(f"/api/v1/{address}")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("address", READS)
def test_reading_addresses_take_no_other_method(viewer: Client, address: str) -> None:
    assert problem(viewer.post(f"/api/v1/{address}")) == (405, "about:blank")


@pytest.mark.parametrize("address", ["", "v1/", "v1/nowhere", "v2/results", "nowhere"])
def test_what_is_not_there_is_a_problem_for_everybody(client: Client, address: str) -> None:
    assert problem(client.get(f"/api/{address}")) == (404, "not-found")


@pytest.mark.parametrize(
    "address",
    ["config?x", "me?x", "summary?x=1", "results?sorted=1", "sources?a", "results/T1?x"],
)
def test_an_unknown_parameter_is_named(viewer: Client, address: str) -> None:
    response = viewer.get(f"/api/v1/{address}")
    assert problem(response) == (400, "invalid-parameters")
    (error,) = response.json()["errors"]
    assert error["field"] in address
    assert "There is no such parameter" in error["detail"]


def test_an_answer_in_another_format_cannot_be_had(viewer: Client) -> None:
    response = viewer.get("/api/v1/summary", headers={"accept": "text/csv"})
    assert problem(response) == (406, "about:blank")


def test_a_database_that_does_not_answer_in_time_is_told(
    viewer: Client, other_session: psycopg.Connection
) -> None:
    other_session.execute("LOCK TABLE totals")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '200ms'")
    assert problem(viewer.get("/api/v1/summary")) == (503, "unavailable")


def test_a_fault_of_ours_is_a_problem_to_programs_and_a_page_to_people(rf: RequestFactory) -> None:
    response = server_error(rf.get("/api/v1/summary"))
    assert response.status_code == 500
    assert json.loads(response.content)["type"] == "about:blank"
    assert b"<h1>Server Error (500)</h1>" in server_error(rf.get("/admin/")).content


def test_the_published_document_is_what_the_code_says(tmp_path: Path) -> None:
    made = tmp_path / "openapi.json"
    call_command(
        "spectacular", file=str(made), format="openapi-json", validate=True, fail_on_warn=True
    )
    assert made.read_text() == DOCUMENT.read_text(), (
        "Make it anew: manage.py spectacular --format openapi-json --file frontend/openapi.json"
    )


def test_the_document_and_its_page_are_for_those_who_may_read(viewer: Client) -> None:
    document = viewer.get("/api/schema/")
    assert document.status_code == 200
    assert "no-store" in document.headers["Cache-Control"]
    page = viewer.get("/api/docs/")
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert "://" not in page.content.decode()
    viewer.logout()
    assert viewer.get("/api/schema/").status_code == 401
    assert viewer.get("/api/docs/").status_code == 401


def test_hosts_other_than_the_public_one_are_refused(client: Client) -> None:
    response = client.get("/api/v1/config", headers={"host": "evil.example"})
    assert problem(response) == (400, "about:blank")
    page = client.get("/", headers={"host": "evil.example"})
    assert (page.status_code, page.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert settings.DEBUG is False
