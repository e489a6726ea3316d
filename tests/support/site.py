"""The real pages at a loopback address, for a real browser."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from playwright.sync_api import Browser, Locator, Page
from werkzeug.serving import make_server

from server.app import create_app
from server.runtime import Runtime
from tests.support.databases import Database
from tests.support.make import PASSWORD
from tests.support.world import SETTINGS, World

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The machine's own Chromium, under the names it goes by."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@dataclass
class Site:
    """Where the pages are, and the browser that opens them."""

    url: str
    browser: Browser
    world: World

    @contextmanager
    def page(self, **options: object) -> Iterator[Page]:
        """A page of a fresh profile; what the test has in hand is committed first."""
        self.world.make.session.commit()
        facts = {"base_url": self.url, "locale": "en-GB", **options}
        context = self.browser.new_context(**facts)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        yield context.new_page()
        context.close()

    def check(self, page: Page, code: str) -> None:
        """Type a code into the borrower's page and send it."""
        page.goto("/verify")
        page.fill("#code", code)
        press(page, "main button")

    def log_in(self, page: Page, slug: str, login: str) -> None:
        """Log in at the safety desk."""
        page.goto("/safety")
        page.fill("#organisation", slug)
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        press(page, "main button")


def press(page: Page, what: str | Locator) -> None:
    """Click, and wait for the page that follows: nothing is read from the old one."""
    button = page.locator(what) if isinstance(what, str) else what
    with page.expect_navigation():
        button.click()


@contextmanager
def served(database: Database, world: World, browser: Browser) -> Iterator[Site]:
    """The world's app on a port of its own, under its plain http address."""
    runtime = Runtime(
        SETTINGS, database.engine, database.sessions, world.clock, demo=False
    )
    plain = replace(runtime, settings=replace(SETTINGS, public_url="http://127.0.0.1"))
    server = make_server("127.0.0.1", 0, create_app(plain), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", browser, world)
    server.shutdown()
    thread.join()
    server.server_close()
