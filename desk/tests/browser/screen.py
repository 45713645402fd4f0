"""What people do at the screen, and what they see there."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from desk.roles import Role

NARROW = ViewportSize(width=390, height=844)
WIDE = ViewportSize(width=1280, height=800)

# Long, for the machine may be at work: what is there is seen at once.
expect.set_options(timeout=20_000)


def listen_to(context: BrowserContext, complaints: list[str]) -> None:
    """Keep what its pages complain about."""

    def keep(kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            complaints.append(text)

    context.on("console", lambda message: keep(message.type, message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def sign_in(context: BrowserContext, role: Role) -> None:
    """Without the page that is there for it."""
    context.request.get("/api/v1/config")
    (token,) = (each["value"] for each in context.cookies() if each["name"] == "csrftoken")
    answer = context.request.post(
        "/api/v1/session",
        data={"username": role.value, "password": role.value},
        headers={"X-CSRFToken": token},
    )
    assert answer.ok, answer.text()


def fill_in(page: Page, name: str, password: str) -> None:
    """Sign in as people do."""
    page.get_by_role("textbox", name="User name").fill(name)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def live(page: Page) -> Locator:
    """The word in the header that says how fresh the page is."""
    return page.get_by_role("status").filter(has_text="Live")


def cells(page: Page, field: str) -> Locator:
    """What the sources say of a field, beside each other."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=field))
    return row.get_by_role("cell")


def figure(page: Page, name: str) -> Locator:
    """The overview's figure of this name."""
    tile = page.get_by_role("term").filter(has_text=re.compile(f"{name}$")).locator("..")
    return tile.get_by_role("definition").first


def flaws(page: Page) -> list[str]:
    """What axe finds at the page as it stands, and whether it has to be scrolled sideways."""
    # Preloading, it would fetch anew what style sheets import, and from wrong addresses.
    options = {"resultTypes": ["violations"], "preload": False}
    violations = Axe().run(page, options=options).response["violations"]
    found = [f"{each['id']}: {node['html']}" for each in violations for node in each["nodes"]]
    excess = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found + ([f"{excess} pixels too wide"] if excess > 0 else [])
