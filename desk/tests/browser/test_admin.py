from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import ViewportSize, expect

from desk.roles import Role
from desk.tests.browser.conftest import Opening
from desk.tests.browser.screen import NARROW, WIDE, flaws
from desk.tests.browser.site import Site

pytestmark = pytest.mark.browser

LISTS = (
    "/admin/reconciliation/rawevent/",
    "/admin/ingestion/deadletter/",
    "/admin/ingestion/kafkaoffset/",
    "/admin/reconciliation/reconciliationresult/",
    "/admin/reconciliation/resultrevision/",
    "/admin/reconciliation/rulesetversion/",
    "/admin/reconciliation/lane/",
)


@pytest.fixture(scope="module")
def site(furnished_site: Site) -> Site:
    return furnished_site


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_admin_is_without_flaws(
    site: Site,
    open_page: Opening,
    complaints: list[str],
    scheme: Literal["light", "dark"],
    viewport: ViewportSize,
) -> None:
    page = open_page("/admin/", role=Role.ADMIN, color_scheme=scheme, viewport=viewport)
    letter = f"/admin/ingestion/deadletter/{site.dead_letters()[0]}/change/"
    result = "/admin/reconciliation/reconciliationresult/T-SEVERAL/change/"
    found = {}
    for path in ("/admin/", *LISTS, letter, result):
        answer = page.goto(path)
        assert answer is not None and answer.ok, path
        found[path] = flaws(page)
    assert {path: each for path, each in found.items() if each} == {}
    assert complaints == []


def test_a_dead_letter_may_be_replayed_by_the_admin(site: Site, open_page: Opening) -> None:
    page = open_page("/admin/", role=Role.ADMIN)
    page.get_by_role("link", name="Dead letters").first.click()
    page.get_by_role("link", name=re.compile("gateway")).first.click()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("still unreadable")).to_be_visible()


def test_compliance_sees_and_replays_nothing(site: Site, open_page: Opening) -> None:
    page = open_page(
        f"/admin/ingestion/deadletter/{site.dead_letters()[0]}/change/", role=Role.COMPLIANCE
    )
    expect(page.get_by_text("The value, as far as it can be read")).to_be_visible()
    expect(page.get_by_role("button", name="Replay")).to_have_count(0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_others_are_refused(open_page: Opening, role: Role) -> None:
    page = open_page("/admin/", role=role)
    expect(page.get_by_role("link", name="Dead letters")).to_have_count(0)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_the_admin_leads_there_from_the_dashboard(open_page: Opening) -> None:
    page = open_page("/", role=Role.ADMIN)
    page.get_by_role("button", name="admin").click()
    page.get_by_role("menuitem", name="Administration").click()
    expect(page.get_by_role("heading", name="What is kept")).to_be_visible()
    page.get_by_role("link", name="Dashboard").click()
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
