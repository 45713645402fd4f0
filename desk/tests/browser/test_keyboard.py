from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from desk.tests.browser.conftest import Opening
from desk.tests.browser.site import Site

pytestmark = pytest.mark.browser

MANY = 60


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def test_from_the_sign_in_to_a_transaction_without_a_mouse(site: Site, open_page: Opening) -> None:
    site.tell_mismatch("T1")
    site.wait_until_decided("T1")
    page = open_page("/", role=None)
    tab_to(page, page.get_by_role("textbox", name="User name"))
    page.keyboard.type("viewer")
    page.keyboard.press("Tab")
    page.keyboard.type("viewer")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Results", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Results")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="T1"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="T1")).to_be_visible()


def test_the_navigation_can_be_skipped(open_page: Opening) -> None:
    page = open_page("/results")
    expect(page.get_by_role("heading", level=1, name="Results")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Skip to the content"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_whatever_is_in_its_id_a_transaction_opens(site: Site, open_page: Opening) -> None:
    odd = ("a/b", "a?b=c", "a#b", "50%", "a%2Fb", "//evil.example", "../x")
    for transaction_id in odd:
        site.tell_mismatch(transaction_id)
    site.wait_until_decided(*odd)
    page = open_page("/results")
    for transaction_id in odd:
        page.get_by_role("link", name=transaction_id, exact=True).click()
        expect(
            page.get_by_role("heading", level=1, name=transaction_id, exact=True)
        ).to_be_visible()
        expect(page.get_by_text("Amount differs")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Amount differs")).to_be_visible()
        page.go_back()
