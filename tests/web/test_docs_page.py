"""The API reference: all of it from the own host, within its policy."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from server.endpoint import CONTRACTS
from tests.support.site import Site

pytestmark = pytest.mark.web
ROOT = Path(__file__).parents[2]
VENDORED = ROOT / "server" / "vendored" / "swagger-ui"
SCREENS = 400
AT_THE_END = "scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
DOCUMENT = json.loads((ROOT / "api_spec" / "openapi.json").read_text(encoding="utf-8"))


def scrolled_through(page: Page) -> set[str]:
    """Every operation that comes into sight; of many only those in sight are drawn."""
    found: set[str] = set()
    page.mouse.move(400, 400)
    for _ in range(SCREENS):
        ids = page.eval_on_selector_all(".opblock", "all => all.map(one => one.id)")
        found |= {one.rpartition("-")[2] for one in ids}
        if page.evaluate(AT_THE_END):
            break
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(60)
    return found


def test_the_reference_shows_every_operation_and_asks_no_other_host(site: Site):
    with site.page() as page:
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/docs")
        page.locator(".opblock").first.wait_for()
        events = {f"post{name}" for name in DOCUMENT["webhooks"]}
        assert scrolled_through(page) == {one.name for one in CONTRACTS} | events
        publish = page.locator("#operations-visits-visits_publish")
        while not publish.count():  # seen on the way down, so it comes again
            page.mouse.wheel(0, -400)
            page.wait_for_timeout(60)
        publish.click()
        page.get_by_text("If-Match").first.wait_for()
    strangers = [url for url in asked if not url.startswith((site.url, "data:"))]
    assert strangers == []
    assert complaints == []


def test_the_vendored_files_are_the_named_ones():
    told = (VENDORED / "SOURCE.md").read_text(encoding="utf-8")
    sums = re.findall(r"`([\w.-]+)` \| `([0-9a-f]{64})`", told)
    assert len(sums) == 2
    for name, expected in sums:
        found = hashlib.sha256((VENDORED / name).read_bytes()).hexdigest()
        assert found == expected, name
    assert (VENDORED / "LICENSE").exists()
