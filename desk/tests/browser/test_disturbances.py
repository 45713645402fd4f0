"""Whatever happens on the way to it, the page says how fresh it is, and ends up right."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from desk.tests.browser.conftest import Opening
from desk.tests.browser.screen import figure, live
from desk.tests.browser.site import Site

pytestmark = pytest.mark.browser


def test_a_stopped_server_is_told_and_comes_back_by_itself(site: Site, open_page: Opening) -> None:
    site.tell_mismatch("T1")
    site.wait_until_decided("T1")
    page = open_page("/")
    expect(live(page)).to_be_visible()
    site.stop_web()
    unreachable = re.compile(r"Server unreachable since \d\d:\d\d:\d\d")
    expect(page.get_by_role("status").filter(has_text=unreachable)).to_be_visible()
    expect(page.get_by_role("link", name="T1")).to_be_visible()
    site.tell_mismatch("T2")
    site.start_web()
    expect(page.get_by_role("link", name="T2")).to_be_visible()
    expect(live(page)).to_be_visible()


def test_whoever_was_offline_sees_the_same_as_who_was_not(site: Site, open_page: Opening) -> None:
    site.tell_mismatch("T1")
    site.wait_until_decided("T1")
    away, there = open_page("/"), open_page("/")
    for page in (away, there):
        expect(live(page)).to_be_visible()
    away.context.set_offline(True)
    for number in range(2, 8):
        site.tell_mismatch(f"T{number}")
    site.tell_match("T8")
    site.publish_junk()
    expect(there.get_by_role("link", name="T7")).to_be_visible()
    expect(figure(there, "Dead letters")).to_have_text(re.compile("^1"))
    expect(live(away)).to_have_count(0)
    away.context.set_offline(False)
    expect(live(away)).to_be_visible()
    for name in ("Matched", "Mismatched", "Dead letters", "Amount at risk"):
        expect(figure(away, name)).to_have_text(figure(there, name).text_content() or "")
    ids = re.compile(r"^T\d$")
    expect(away.get_by_role("link", name=ids)).to_have_text([f"T{n}" for n in range(7, 0, -1)])
    expect(there.get_by_role("link", name=ids)).to_have_text([f"T{n}" for n in range(7, 0, -1)])
