from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from desk.roles import Role
from desk.tests.browser.conftest import Opening
from desk.tests.browser.screen import fill_in, flaws, live
from desk.tests.browser.site import Site

pytestmark = pytest.mark.browser


def test_whoever_signs_in_sees_the_overview_live(open_page: Opening) -> None:
    page = open_page("/", role=None)
    fill_in(page, "viewer", "viewer")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(live(page)).to_be_visible()
    expect(page).to_have_title(re.compile("Overview"))


def test_a_wrong_password_is_told_as_such(open_page: Opening) -> None:
    page = open_page("/", role=None)
    fill_in(page, "viewer", "guessed")
    expect(page.get_by_role("alert")).to_contain_text("password is wrong")
    assert flaws(page) == []
    fill_in(page, "viewer", "viewer")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_link_leads_through_the_sign_in_to_its_page(open_page: Opening) -> None:
    page = open_page("/results?status=mismatched", role=None)
    fill_in(page, "viewer", "viewer")
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    assert page.url.endswith("/results?status=mismatched")


def test_a_session_that_is_over_is_told_and_leads_back(site: Site, open_page: Opening) -> None:
    page = open_page("/dead-letters?replayed=false")
    expect(live(page)).to_be_visible()
    site.end_sessions()
    # A socket's session is looked at every ten seconds.
    expect(page.get_by_text("Your session is over")).to_be_visible(timeout=15_000)
    fill_in(page, "viewer", "viewer")
    expect(page.get_by_role("heading", name="Dead letters")).to_be_visible()
    assert page.url.endswith("/dead-letters?replayed=false")


def test_whoever_has_no_role_is_told_so(site: Site, open_page: Opening) -> None:
    site.take_role(Role.VIEWER)
    page = open_page("/", role=None)
    fill_in(page, "viewer", "viewer")
    expect(page.get_by_text("account has no role here")).to_be_visible()
    fill_in(page, "analyst", "analyst")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_signing_out_leaves_nothing_open(open_page: Opening) -> None:
    page = open_page("/")
    page.get_by_role("button", name="viewer").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/results")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
