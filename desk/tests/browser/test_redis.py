from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from desk.tests.browser.conftest import Opening
from desk.tests.browser.screen import live
from desk.tests.browser.site import Site, new_site
from ingestion.tests.processes.valkey import Valkey

pytestmark = pytest.mark.browser


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    directory = tmp_path / "valkey"
    directory.mkdir()
    valkey = Valkey(directory)
    valkey.start()
    yield valkey
    valkey.client.close()
    valkey.kill()


@pytest.fixture
def site(template: str, tmp_path: Path, valkey: Valkey) -> Iterator[Site]:
    """A site with a Redis of its own."""
    with new_site(template, tmp_path) as site:
        site.stage.environment |= {"REDIS_URL": valkey.url, "CHANNELS_REDIS_URL": valkey.url}
        site.stage.wait_until(valkey.answers, "Valkey answers")
        site.start()
        yield site


def test_whatever_becomes_of_redis_the_page_stays_live(
    site: Site, valkey: Valkey, open_page: Opening
) -> None:
    page = open_page("/")
    expect(live(page)).to_be_visible()
    disturbances: list[Callable[[], object]] = [valkey.client.flushall, valkey.kill, valkey.start]
    for number, disturb in enumerate(disturbances):
        disturb()
        site.tell_mismatch(f"T{number}")
        expect(page.get_by_role("link", name=f"T{number}")).to_be_visible()
        expect(live(page)).to_be_visible()
