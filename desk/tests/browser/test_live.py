from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from desk.tests.browser.conftest import Opening
from desk.tests.browser.screen import cells, live
from desk.tests.browser.site import Site

pytestmark = pytest.mark.browser


def test_a_mismatch_appears_by_itself(site: Site, open_page: Opening) -> None:
    page = open_page("/")
    expect(live(page)).to_be_visible()
    site.tell_mismatch("T1")
    expect(page.get_by_role("row").filter(has_text="T1")).to_contain_text("Amount differs")


def test_a_transaction_shows_three_legs_and_what_differs(site: Site, open_page: Opening) -> None:
    site.tell_mismatch("T1")
    site.wait_until_decided("T1")
    page = open_page("/")
    page.get_by_role("link", name="T1").click()
    expect(page.get_by_role("heading", level=1, name="T1")).to_be_visible()
    for source in ("Core", "Gateway", "Mobile"):
        expect(page.get_by_role("columnheader", name=source)).to_contain_text("told")
    expect(cells(page, "Amount")).to_have_text(
        [re.compile(amount) for amount in ("^100", "^90.*differs$", "^100")]
    )
    expect(page.get_by_text("differs", exact=True)).to_have_count(1)


def test_an_open_page_follows_the_verdict(site: Site, open_page: Opening) -> None:
    site.stage.tell("T1", "CORE")
    site.wait_until_decided("T1")
    page = open_page("/transactions/T1")
    expect(page.get_by_text("Missing: gateway has not told")).to_be_visible()
    site.stage.tell("T1", "GATEWAY")
    site.stage.tell("T1", "MOBILE")
    expect(page.get_by_text("Missing: gateway has not told")).to_have_count(0)
    expect(page.get_by_role("region", name="Events").get_by_role("listitem")).to_have_count(3)


def test_new_results_wait_until_they_are_asked_for(site: Site, open_page: Opening) -> None:
    site.tell_mismatch("T1")
    site.wait_until_decided("T1")
    page = open_page("/results")
    expect(live(page)).to_be_visible()
    site.tell_mismatch("T2")
    site.tell_match("T3")
    expect(page.get_by_role("button", name="2 new")).to_be_visible()
    expect(page.get_by_role("link", name="T2")).to_have_count(0)
    page.get_by_role("button", name="2 new").click()
    expect(page.get_by_role("link", name=re.compile("^T"))).to_have_text(["T3", "T2", "T1"])


def test_what_is_paused_stands_still(site: Site, open_page: Opening) -> None:
    page = open_page("/")
    expect(live(page)).to_be_visible()
    page.get_by_role("button", name="Pause live updates").click()
    site.tell_mismatch("T1")
    site.wait_until_decided("T1")
    expect(page.get_by_role("status").filter(has_text="Paused at")).to_be_visible()
    expect(page.get_by_role("link", name="T1")).to_have_count(0)
    page.get_by_role("button", name="Resume live updates").click()
    expect(page.get_by_role("link", name="T1")).to_be_visible()
