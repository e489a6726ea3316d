"""The API reference: all of it from the own host, within its policy."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from server.endpoint import CONTRACTS
from tests.support.site import Site

pytestmark = pytest.mark.web
ROOT = Path(__file__).parents[2]
VENDORED = ROOT / "server" / "vendored" / "swagger-ui"
DOCUMENT = json.loads((ROOT / "api_spec" / "openapi.json").read_text(encoding="utf-8"))


def test_the_reference_shows_every_operation_and_asks_no_other_host(site: Site):
    with site.page() as page:
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/docs")
        blocks = len(CONTRACTS) + len(DOCUMENT["webhooks"])
        page.locator(".opblock").nth(blocks - 1).wait_for()
        assert page.locator(".opblock").count() == blocks
        page.locator("#operations-visits-visits_publish").click()
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
