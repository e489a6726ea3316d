"""One Chromium for the run, the pages served afresh for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.databases import Database
from tests.support.site import FLAGS, Site, chromium, served
from tests.support.world import World


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as it is installed on the machine."""
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium on this machine: run `make browser` as root")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def site(database: Database, world: World, browser: Browser) -> Iterator[Site]:
    """The pages over this test's database and clock."""
    with served(database, world, browser) as found:
        yield found
