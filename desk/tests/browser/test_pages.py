"""Every page, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import ViewportSize, expect

from desk.roles import Role
from desk.tests.browser.conftest import Opening
from desk.tests.browser.screen import NARROW, WIDE, flaws
from desk.tests.browser.site import Site

pytestmark = pytest.mark.browser

# Where it is, and what is there as soon as it is complete.
PAGES = {
    "/": "T-AMOUNT",
    "/?range=day": "T-AMOUNT",
    "/results": "T-MATCHED",
    "/results?status=mismatched&sort=-amount_at_risk": "T-AMOUNT",
    "/results?currency=ZZZ": "Nothing fits these filters",
    "/transactions/T-MATCHED": "What the sources say",
    "/transactions/T-MISSING": "What the sources say",
    "/transactions/T-SEVERAL": "What the sources say",
    "/dead-letters": "Not framed as agreed",
    "/nowhere": "There is nothing at this address",
    "/no-access": "Your account has no role here",
    "/sign-in": "Sign in",
    "/sign-in?over=true&next=/results": "Your session is over",
}


@pytest.fixture(scope="module")
def site(furnished_site: Site) -> Site:
    return furnished_site


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_are_without_flaws(
    open_page: Opening,
    complaints: list[str],
    scheme: Literal["light", "dark"],
    viewport: ViewportSize,
) -> None:
    page = open_page("/", role=Role.ADMIN, color_scheme=scheme, viewport=viewport)
    found = {}
    for path, words in PAGES.items():
        page.goto(path)
        expect(page.get_by_text(words).first).to_be_visible()
        found[path] = flaws(page)
    assert {path: each for path, each in found.items() if each} == {}
    assert complaints == []


def test_an_unknown_transaction_is_told_as_such(open_page: Opening) -> None:
    page = open_page("/transactions/T-NONE")
    expect(page.get_by_text("There is no such transaction")).to_be_visible()
    assert flaws(page) == []
