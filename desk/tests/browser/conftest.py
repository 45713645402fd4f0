"""Chromium, and what it looks at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
from playwright.sync_api import Page
from pytest_playwright.pytest_playwright import CreateContextCallback

from desk.roles import Role
from desk.tests.browser.screen import listen_to, sign_in
from desk.tests.browser.site import Site, make_accounts, new_site
from ingestion.tests.processes.conftest import template as migrated  # noqa: F401
from ingestion.tests.processes.databases import new_database

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Last of all: once Chromium is driven, an event loop runs in this thread to the end.

    Neither Django's ORM nor another loop may be used in it any more.
    """
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def base_url() -> None:
    """None is shared: each site has its own."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium is not None, "Chromium is not installed"
    # Its sandbox refuses root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium, "args": flags}


@pytest.fixture(scope="session")
def template(migrated: str) -> Iterator[str]:  # noqa: F811
    """The name of a migrated database with short rules and the accounts, to be copied."""
    with new_database(f"browser_template_{uuid4().hex[:12]}", template=migrated) as name:
        make_accounts(name, dict(os.environ))
        yield name


@pytest.fixture
def site(template: str, tmp_path: Path) -> Iterator[Site]:
    with new_site(template, tmp_path) as site:
        site.start()
        yield site


@pytest.fixture(scope="module")
def furnished_site(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with something of everything, for tests that only look."""
    with new_site(template, tmp_path_factory.mktemp("furnished")) as site:
        site.start()
        site.furnish()
        yield site


class Opening(Protocol):
    def __call__(self, path: str, *, role: Role | None = Role.VIEWER, **options: Any) -> Page: ...


@pytest.fixture
def complaints() -> list[str]:
    """What Chromium has said against the pages that were opened: errors, also of the policy."""
    return []


@pytest.fixture
def open_page(site: Site, new_context: CreateContextCallback, complaints: list[str]) -> Opening:
    """Opens a path of the site in a browser of its own, signed in there; `options` go to it."""

    def open_page(path: str, *, role: Role | None = Role.VIEWER, **options: Any) -> Page:
        context = new_context(base_url=site.address, **options)
        listen_to(context, complaints)
        if role is not None:
            sign_in(context, role)
        page = context.new_page()
        page.goto(path)
        return page

    return open_page
